"""What the operating system says of files, in Chinese by its errno; what is not here stays as the system says it."""

from __future__ import annotations

import errno
import os

BY_NUMBER = {
    errno.EPERM: "不允许的操作",
    errno.ENOENT: "没有此文件或文件夹",
    errno.EIO: "输入输出错误",
    errno.ENXIO: "没有此设备或地址",
    errno.ENOMEM: "内存不足",
    errno.EACCES: "没有权限",
    errno.EBUSY: "设备或文件正在使用",
    errno.EEXIST: "文件已存在",
    errno.EXDEV: "位于不同的磁盘",
    errno.ENODEV: "没有此设备",
    errno.ENOTDIR: "不是文件夹",
    errno.EISDIR: "是文件夹",
    errno.EINVAL: "系统不接受的参数",
    errno.ENFILE: "系统打开的文件过多",
    errno.EMFILE: "打开的文件过多",
    errno.EFBIG: "文件过大",
    errno.ENOSPC: "磁盘已满",
    errno.EROFS: "文件系统只读",
    errno.ENAMETOOLONG: "名称过长",
    errno.ENOTEMPTY: "文件夹不为空",
    errno.ELOOP: "符号链接层数过多",
    errno.EOPNOTSUPP: "系统不支持此操作",
    errno.ETIMEDOUT: "连接超时",
    errno.ESTALE: "网络文件已失效",
    errno.EDQUOT: "磁盘配额已用完",
}

TEMPLATES: dict[str, str] = {os.strerror(number): words for number, words in BY_NUMBER.items()} | {
    "[Errno {}] {}": "{1}（errno {0}）",
    "[Errno {}] {}: '{}'": "{1}：“{2}”（errno {0}）",
}
