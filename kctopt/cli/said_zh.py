"""What commands say beside faults of the input, in Chinese by its English template; `{}` stands for what differs."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    # of click; its texts differ a little from version to version
    "Missing argument {}.": "缺少参数 {}。", "Missing argument {}. {}": "缺少参数 {}。{}",
    "Missing option {}.": "缺少选项 {}。", "Missing option {}. {}": "缺少选项 {}。{}",
    "Missing command.": "缺少命令。", "Choose from:\n\t{}": "可选：\n\t{}", "No such option {}.": "没有选项 {}。",
    "No such option {}. {}": "没有选项 {}。{}", "No such option: {}": "没有选项 {}。",
    "No such option: {} {}": "没有选项 {}。{}", "No such command {}.": "没有命令 {}。",
    "No such command {}. {}": "没有命令 {}。{}", "Did you mean {}?": "是否想写 {}？",
    "(Did you mean one of: {}?)": "是否想写其中之一：{}？", "(Possible options: {})": "是否想写其中之一：{}？",
    "Invalid value: {}": "取值无效：{}", "Invalid value for {}: {}": "{} 的取值无效：{}",
    "{} is not {}.": "{} 不是 {}。", "{} is not one of {}.": "{} 不在可选值之中：{}。",
    "{} is not a valid integer.": "{} 不是有效的整数。", "{} is not a valid integer range.": "{} 不是有效的整数。",
    "{} is not a valid float.": "{} 不是有效的数。", "{} is not a valid float range.": "{} 不是有效的数。",
    "{} is not in the range {}.": "{} 不在范围 {} 之内。",
    "{} is not a valid boolean. Recognized values: {}": "{} 不是有效的真假值；可写：{}",
    "Path {} does not exist.": "路径 {} 不存在。", "File {} does not exist.": "文件 {} 不存在。",
    "Directory {} does not exist.": "文件夹 {} 不存在。", "Path {} is a file.": "{} 是文件，不是文件夹。",
    "Directory {} is a file.": "{} 是文件，不是文件夹。", "Path {} is a directory.": "{} 是文件夹，不是文件。",
    "File {} is a directory.": "{} 是文件夹，不是文件。", "Path {} is not readable.": "{} 不可读。",
    "File {} is not readable.": "{} 不可读。", "Directory {} is not readable.": "{} 不可读。",
    "Path {} is not writable.": "{} 不可写。", "File {} is not writable.": "{} 不可写。",
    "Directory {} is not writable.": "{} 不可写。", "Could not open file {}: {}": "无法打开文件 {}：{}",
    "Got unexpected extra argument ({})": "多余的参数（{}）",
    "Got unexpected extra arguments ({})": "多余的参数（{}）",
    "Option {} requires an argument.": "选项 {} 需要一个值。",
    "Option {} requires {} arguments.": "选项 {} 需要 {} 个值。",
    "Option {} does not take a value.": "选项 {} 不带值。", "Argument {} takes {} values.": "参数 {} 需要 {} 个值。",
    "Takes {} values but {} were given.": "需要 {} 个值，给了 {} 个。",
    "Takes {} values but 1 was given.": "需要 {} 个值，给了 1 个。", "Value must be an iterable.": "须为一列值。",
    "a file or folder needs a name.": "文件或文件夹须有名称。",
    "{} is not a finite number.": "{} 不是有限的数。",
    "{} is not a finite number from {}.": "{} 不是从 {} 起的有限的数。",
    "{} is not a finite number above {}.": "{} 不是大于 {} 的有限的数。",
    # calls that are wrong
    "{}={}: needs {}, as text that is not blank": "{}={}：需要{}，为非空白的文字",
    "{}={}: holds the control character {}; delete it": "{}={}：含有控制字符 {}；请删除",
    "the name of the nation": "国家的名称", "the name of the scenario": "情景的名称",
    "there is no kind of trait '{}'; {}": "没有特征种类“{}”；{}",
    "epsilon is a share of the optimum between 0 and 1, not {}": "epsilon 是最优值的份额，在 0 与 1 之间，不能是 {}",
    "the number of alternatives cannot be negative": "备选方案的个数不能为负",
    "--json and --format {} contradict each other": "--json 与 --format {} 相互矛盾",
    "--format xlsx needs -o FILE.xlsx": "--format xlsx 需要 -o FILE.xlsx",
    "say what to export: --to excel,iamc,netcdf,datapackage or --figures png,svg,pdf":
        "请说明导出什么：--to excel,iamc,netcdf,datapackage 或 --figures png,svg,pdf",
    "table {} has {} rows, more than a sheet of Excel holds; use its CSV or Parquet":
        "表 {} 有 {} 行，超过 Excel 工作表的容量；请用其 CSV 或 Parquet",
    "{} is {}: there is no plan to write as {}": "{} 的状态为 {}：没有方案可写为 {}",
    "unknown format '{}'; {}": "未知的格式“{}”；{}", "unknown format '{}'; ": "未知的格式“{}”",
    "reports cannot be written as {}; {}": "报告不能写为 {}；{}",
    "figures cannot be drawn as {}; {}": "图不能画为 {}；{}", "figure {} is unknown; {}": "没有图 {}；{}",
    "{} has no ranges saved; `kctopt explain ranges {}` works them out":
        "{} 没有保存的范围；可用 `kctopt explain ranges {}` 计算",
    "{} has no plan to draw (status {})": "{} 没有可画的方案（状态 {}）",
    "{} and {} plan other years; their money is not drawn side by side": "{} 与 {} 的规划年份不同，资金不能并排画出",
    "{} names a {} file, but {} is asked for": "{} 是 {} 文件的名称，而要求的是 {}",
    "a comparison needs at least two runs; there are {}": "比较至少需要两次运行；现有 {} 次",
    "a comparison needs at least two runs: BASE and OTHER": "比较至少需要两次运行：BASE 与 OTHER",
    "no regret matrix: {}.": "无遗憾值矩阵：{}。",
    "attribution needs an objective with a value: national_security or min_budget, not earliest":
        "归因需要有数值的目标：national_security 或 min_budget，而非 earliest",
    "attribution solves scenarios in between, which do not hold what users changed in the models ({})":
        "归因要求解中间的情景，其中没有用户在模型中所作的改动（{}）",
    "--fail-on {} is not a condition; {}": "--fail-on {} 不是条件；{}",
    "write NS<-1%, NS@2030<-.5, kct[quantum]<0 or money[quantum,2026-30]>20":
        "可写成 NS<-1%、NS@2030<-.5、kct[quantum]<0 或 money[quantum,2026-30]>20",
    "--fail-on {}: {}": "--fail-on {}：{}", "--fail-on {}: {}; {}": "--fail-on {}：{}；{}",
    "cannot be judged for {}: {}": "对 {} 无法判断：{}", "its percentage has no base": "其百分数没有基数",
    "it is not comparable": "不可比较", "the objective has neither domain nor year": "目标值不分领域和年份",
    "there is no index '{}'": "没有指数“{}”", "'{}' has no domain '{}'": "“{}”没有领域“{}”",
    "'{}' needs a domain": "“{}”需要指明领域",
    "no value of {} in both; there are {} to {}": "两者没有共同的 {} 年数值；有 {} 至 {} 年",
    "no domain, type or plan '{}'": "没有领域、种类或规划期“{}”",
    "money for programmes is counted by plan: leave the year out": "项目资金按规划期计：请去掉年份",
    "{} is not a planned year of {}": "{} 不是 {} 的规划年",
    '{} needs packages that are not installed: pip install "{}"': '{}需要尚未安装的软件包：pip install "{}"',
    '{} need packages that are not installed: pip install "{}"': '{}需要尚未安装的软件包：pip install "{}"',
    "{} and {}": "{}和{}", "Drawing figures": "画图", "A report as HTML": "HTML 报告", "A report as PDF": "PDF 报告",
    "A report for Word": "Word 报告", "Writing a workbook": "写出工作簿", "Reading a workbook": "读取工作簿",
    "A data package": "数据包", "A new study": "新的研究", "A comparison as text": "文字形式的比较",
    "A comparison as JSON": "JSON 形式的比较", "A comparison as CSV": "CSV 形式的比较",
    "A comparison as Markdown": "Markdown 形式的比较", "A comparison as HTML": "HTML 形式的比较",
    "A comparison as a workbook": "工作簿形式的比较",
    # runs and files
    "{}: not a run folder (it has no {})": "{}：不是运行文件夹（其中没有 {}）",
    "{}: no run folder there (a run folder has a {})": "{}：那里没有运行文件夹（运行文件夹中有 {}）",
    "{}: not readable as JSON ({})": "{}：不能作为 JSON 读取（{}）",
    "{}: schema_version is {}; this kctopt reads {}": "{}：schema_version 为 {}；此版本的 kctopt 读取 {}",
    "{}: {}; `kctopt verify {}` checks every file": "{}：{}；可用 `kctopt verify {}` 检查每个文件",
    "{}: the analysis cannot be read ({}); compute it again with --fresh":
        "{}：分析无法读取（{}）；请用 --fresh 重新计算",
    "{}: the run has no certified plan whose conclusions could survive": "{}：该运行没有经证明的方案，无从检验其结论",
    "{}: the run was solved with changes that its user made in the model ({}); solving its scenario again would "
    "leave them out":
        "{}：该运行求解时，用户改动了模型（{}）；重新求解其情景会丢失这些改动",
    "{}: the run has no plan ({}), so nothing has a price": "{}：该运行没有方案（{}），因此没有价格",
    "{}: the run has no plan ({}), so nothing is near it": "{}：该运行没有方案（{}），因此没有与之相近的方案",
    "the run has no proven bound, so nothing can be said to be near its optimum":
        "该运行没有已证界限，无从判断何者接近最优",
    "epsilon {} is smaller than the gap of the run, {}: the plan itself is not known to be that near the "
    "optimum; take a larger --epsilon, or solve again with a smaller --gap":
        "epsilon {} 小于该运行的间隙 {}：尚不知方案本身是否如此接近最优；请用更大的 --epsilon，或以更小的 --gap "
        "重新求解",
    "programmes: no row for {}": "programmes：没有 {} 的行", "{}: no row for {}, {}": "{}：没有 {}、{} 的行",
    "programmes, line {} of those selected: {} routes": "programmes，所选的第 {} 行：{} 条路线",
    "{}, line {}: {} is not in the scenario": "{}，第 {} 行：{} 不在情景中",
    "{}, line {}: {} {} is not one of {}": "{}，第 {} 行：{} {} 不在可选值之中：{}",
    "{}, line {}: {} stands there twice": "{}，第 {} 行：{} 出现两次",
    "columns are {}; expected {}": "各列为 {}；应为 {}", "table {} needs exactly the columns {}": "表 {} 恰需各列 {}",
    "line {}, column {}: {} is not true or false": "第 {} 行 {} 列：{} 既非 true 也非 false",
    "line {}, column {}: {} is not a number": "第 {} 行 {} 列：{} 不是数",
    "line {} has {} cells; expected {}": "第 {} 行有 {} 格；应为 {} 格", "the file is empty": "文件为空",
    "{} does not hold an object": "{} 中不是对象",
    "allocation: no amount for {}, {}, {}": "allocation：没有 {}、{}、{} 的金额",
    "allocation, line {}: {}, {}, {} {} is not in the scenario": "allocation，第 {} 行：{}、{}、{} {} 不在情景中",
    "allocation, line {}: {}, {}, {} {} stands there twice": "allocation，第 {} 行：{}、{}、{} {} 出现两次",
    "{}: cannot be written: {}; {}": "{}：无法写入：{}；{}",
    "{}: cannot be written: {}; {}. {}": "{}：无法写入：{}；{}。{}", "the disk is full": "磁盘已满",
    "make room, or name another place": "请腾出空间，或另指位置",
    "your share of the disk is used up": "磁盘配额已用完", "the file system can only be read": "文件系统只读",
    "you may not write there": "没有写入权限", "name another place": "请另指位置",
    "a file stands where a folder is needed": "需要文件夹之处是文件",
    "{} is a file, not a folder": "{} 是文件，不是文件夹",
    "something of that name is there already": "已有同名的东西", "choose a new name": "请换一个名称",
    "a folder of that name is there": "已有同名文件夹", "name a file": "请指明文件",
    "the name is too long for the file system": "名称过长，文件系统不接受", "choose a shorter one": "请用更短的名称",
    "No other place took what was worked out": "其他位置也都无法保存已算出的结果",
    "What was worked out is kept in {}": "已算出的结果保存在 {}",
    "{}. What is solved for {} is not kept": "{}。为 {} 所求解的不予保存", "saved in: {}": "已保存于：{}",
    "written: {}": "已写入：{}",
    # solving
    "with {} no plan keeps all rules, so no value of it can be compared":
        "取 {} 时没有方案能遵守全部规则，因此没有可比的数值",
    "with {} the limit was reached before a plan was found; allow more time":
        "取 {} 时在找到方案之前已到时限；请放宽时限",
    "with {} the plan, {}, is better than its proven bound, {}. This is a fault of kctopt: please report it":
        "取 {} 时方案 {} 优于其已证界限 {}。这是 kctopt 的错误：请报告",
    "{}: the plan, {}, is better than its proven bound, {}: one of them is false. This is a fault of kctopt: "
    "please report it with its run folder":
        "{}：方案 {} 优于其已证界限 {}：其中之一有误。这是 kctopt 的错误：请连同其运行文件夹一起报告",
    "two rows for {} in {}: a fault of kctopt": "{} 在 {} 年有两行：这是 kctopt 的错误",
    "kctopt failed ({}: {}). This is a fault of kctopt: please report it with the output of `kctopt doctor`{} "
    "(CONTRIBUTING.md says where).":
        "kctopt 出错（{}：{}）。这是 kctopt 的错误：请连同 `kctopt doctor`{}的输出一起报告（CONTRIBUTING.md 说明"
        "了何处）。",
    " and of this command with --debug": "及本命令加 --debug ",
    "{}: finished before with the same input in {}; not solved again (--fresh does)":
        "{}：此前已用同样的输入求解，见 {}；不再求解（加 --fresh 则重新求解）",
    "{}: the plan does not pass the simulation; `kctopt verify {}` names what fails":
        "{}：方案未通过模拟；`kctopt verify {}` 会指出何处不符",
    "{}: no plan keeps all rules; relax a policy, a floor or a target, or raise the budget":
        "{}：没有方案能遵守全部规则；请放宽政策、下限或目标，或提高预算",
    "{}: yet a simulated plan keeps every rule. This is a fault of kctopt: please report it":
        "{}：但有经模拟的方案遵守全部规则。这是 kctopt 的错误：请报告",
    "{}: a limit was reached before any bound was proven; how good the plan is remains unknown":
        "{}：在证明任何界限之前已到限制；方案优劣尚不可知",
    "{}: the time limit of {} s was reached; the plan is certified to a gap of {} only, since its bound had no more "
    "time either: allow more with --time-limit":
        "{}：已到 {} 秒时限；方案仅证明到间隙 {}，因为界限也只有这些时间：请用 --time-limit 放宽",
    "{}: the search ended by itself; the plan is certified to a gap of {} only":
        "{}：求解自行结束；方案仅证明到间隙 {}",
    "{}: the search ended by itself with neither a plan nor a proof that there is none; ask diagnose":
        "{}：搜索自行结束，既未找到方案，也未证明没有方案；请用 diagnose 查问",
    "{}: the limit was reached before a plan was found; allow more time with --time-limit":
        "{}：在找到方案之前已到时限；请用 --time-limit 放宽",
    "{} would do, but {} is missing or was changed since; computed again":
        "{} 本可沿用，但其中 {} 缺失或保存后被改动；重新计算",
    "{}: {} would do, but {} is missing or was changed since; solved again":
        "{}：{} 本可沿用，但其中 {} 缺失或保存后被改动；重新求解",
    "saved by an earlier kctopt: run.json has no hash of itself, an edit of it cannot be seen":
        "由较早的 kctopt 保存：run.json 没有自身的哈希值，改动无从发现",
    "{}: interrupted; the best plan so far is saved": "{}：已中断；目前最好的方案已保存", "interrupted": "已中断",
    "{}: interrupted before a plan was found": "{}：在找到方案之前已中断", "interrupted {}": "已中断：{}",
    "interrupted; the same command with -o {} goes on from here": "已中断；用同一命令加 -o {} 可由此继续",
    "interrupted; the same command goes on from what is in {}": "已中断；同一命令可由 {} 中已有的结果继续",
    "[{}/{}] {}: optimal": "[{}/{}] {}：最优", "[{}/{}] {}: infeasible": "[{}/{}] {}：不可行",
    "[{}/{}] {}: limit": "[{}/{}] {}：到达限制", "[{}/{}] {}: no_plan": "[{}/{}] {}：未找到方案",
    "[{}/{}] {}: interrupted": "[{}/{}] {}：已中断", "[{}/{}] {}: fault": "[{}/{}] {}：界限有误",
    "[{}/{}] {}: failed": "[{}/{}] {}：失败",
    "computed before, in {}; --fresh computes it again": "此前已算出，见 {}；加 --fresh 则重新计算",
    "{} prices are not what solving again finds, such as that of {}": "{} 个价格与重新求解所得不同，例如 {}",
    "{} cells have an end that was not confirmed, such as {}": "{} 格有一端未得到确认，例如 {}",
    "{}: a scenario, solved for this comparison; its run is {}": "{}：情景，已为本次比较求解；其运行为 {}",
    "--fail-on {}: came true for {}, {}": "--fail-on {}：对 {} 成立，{}", "{} (within the gap)": "{}（在间隙之内）",
    "{}: no attribution: {}": "{}：没有归因：{}",
    "Edit {}, then: kctopt check {}": "请编辑 {}，然后运行：kctopt check {}",
    # progress
    "solving {}": "正在求解 {}", "saving {}": "正在保存 {}", "diagnosing {}": "正在诊断 {}",
    "solving {} under other forms": "正在以其他形式求解 {}", "solving {} over {}": "正在改变 {1} 求解 {0}",
    "pricing {}": "正在计算 {} 的价格", "ranges of {}": "正在计算 {} 的范围", "exporting {}": "正在导出 {}",
    "writing the report": "正在写报告", "comparing": "正在比较", "checking": "正在检查",
    "what explains {}: solve {} of {}": "{} 由何而来：求解 {}/{}", "what explains {}": "{} 由何而来",
    "{}: solve {} of {}": "{}：求解 {}/{}",
    "{}: no plan keeps all rules; how near the targets can come":
        "{}：没有方案能遵守全部规则；正在计算目标能接近到何种程度",
    "alternatives, {} of {}": "备选方案 {}/{}", "programmes, {} of {}": "攻关项目 {}/{}",
    "improving the plan to the optimum": "正在将方案改进到最优",
    "prices with all discrete choices free": "放开全部离散选择时的价格",
    "checking prices, {} of {}": "正在核对价格 {}/{}",
    "checking the price of {}": "正在核对 {} 的价格", "ends of ranges, {} of {}": "范围的端点 {}/{}",
    "confirming ends, {} of {}": "正在确认端点 {}/{}",
    # doctor
    "run from source": "由源代码运行", "not installed: pip install {}": "未安装：pip install {}",
    'not installed; pip install "kctopt[{}]"': '未安装；pip install "kctopt[{}]"',
    "HiGHS solves the case that version 1.14 got wrong (min 2x + 3z is 9)":
        "HiGHS 能正确求解 1.14 版求错的算例（min 2x + 3z 为 9）",
    "HiGHS says {} where 9 is right: pip install 'highspy>=1.15'":
        "HiGHS 给出 {}，而 9 才对：pip install 'highspy>=1.15'",
    "{} cannot show Chinese; set PYTHONIOENCODING=utf-8 for --lang zh":
        "{} 不能显示中文；使用 --lang zh 请设 PYTHONIOENCODING=utf-8",
    "{}, shows {}": "{}，可显示 {}", "{} can be written": "{} 可写",
    "{} cannot be written ({}); give solve -o FOLDER": "{} 不可写（{}）；请给 solve 加 -o 文件夹",
    "a table does not come back from disk as it was": "表从磁盘读回后与写入时不同",
    "CSV and Parquet come back as written": "CSV 与 Parquet 读回与写入一致",
    "no scenario in {}: install kctopt again": "{} 中没有情景：请重新安装 kctopt", "all load: {}": "全部可以读取：{}",
    "usable: {}": "可用：{}", "usable: {}, OMP_NUM_THREADS={}": "可用：{}，OMP_NUM_THREADS={}",
    # verify
    "{}: no file was changed. The run has no plan ({}).": "{}：文件均未改动。该运行没有方案（{}）。",
    "{}: verified. The plan keeps every rule, is worth what is claimed, and no file was changed.":
        "{}：已核验。方案遵守全部规则，价值与所称相符，文件均未改动。",
    "solved by kctopt {}, code {}": "由 kctopt {} 求解，代码 {}",
    "solved by kctopt {}, code {}; what is installed now differs from {}":
        "由 kctopt {} 求解，代码 {}；现在安装的与之不同：{}",
    "{}: made by other code ({}); it will not be used again": "{}：由其他代码生成（{}）；不再使用",
    "is missing": "缺失",
    "was changed after the run was saved (its hash differs)": "在运行保存之后有改动（哈希不同）",
    "has no hash of itself, as every run of this kctopt has: it was taken out":
        "没有自身的哈希，而此版 kctopt 的每次运行都有：哈希被取走",
    "has no hash in run.json, as in every run of this kctopt: it was taken out":
        "在 run.json 中没有哈希，而此版 kctopt 的每次运行都有：哈希被取走",
    "was changed after it was saved (its hash differs); it will not be used again":
        "在保存之后有改动（哈希不同）；不再使用",
    "cannot be read; it will not be used again": "无法读取；不再使用",
    "{}: made when run.json was another; it will not be used again": "{}：生成时 run.json 与现在不同；不再使用",
    "verified is {}, but {}": "verified 为 {}，但{}",
    "the plan keeps every rule and is worth what is claimed": "方案遵守每条规则，价值与所称相符",
    "the plan breaks rules when simulated": "重新模拟时方案违反规则",
    "the plan is worth another amount when simulated": "重新模拟时方案的价值与所称不同",
    "is not the scenario that was solved (hash differs)": "不是所求解的情景（哈希不同）",
    "is not what was solved (hash differs)": "不是所求解的内容（哈希不同）",
    "is missing: rules that the user added cannot be checked": "缺失：用户加入的规则无法检查",
    "does not belong to the run": "不属于该运行", "cannot be read: {}": "无法读取：{}",
    "is not complete: {}": "不完整：{}", "status is {}, but {}": "状态为 {}，但{}",
    "status is {}, which no run has": "状态为 {}，没有运行会是这样", "{} is {}, in {} {}": "{} 为 {}，而在 {} 中为 {}",
    "there is no plan": "没有方案", "there is a plan": "有方案",
    "file has {} rows, simulated {}": "文件有 {} 行，模拟有 {} 行",
    "CSV has {} rows, Parquet {}": "CSV 有 {} 行，Parquet 有 {} 行",
    "{} at {}: file {}, simulated {}": "{} 在 {}：文件为 {}，模拟为 {}",
    "{} at {}: CSV {}, Parquet {}": "{} 在 {}：CSV 为 {}，Parquet 为 {}",
    "an own constraint of a run older than schema 3 cannot be checked; solve it again":
        "schema 3 之前的运行中，自加约束无法检查；请重新求解",
    "run.json says {}; the plan is worth {} when simulated": "run.json 称 {}；模拟所得为 {}",
    "status is optimal, but the gap {} is above the asked {}": "状态为最优，但间隙 {} 大于所要求的 {}",
    "the objective {} is better than the proven bound {}": "目标值 {} 优于已证界限 {}",
    "run.json says {}; the two bounds are {} apart": "run.json 称 {}；两个界限相距 {}",
    "{}: file {}, simulated {}": "{}：文件为 {}，模拟为 {}",
    "{} at {}: file {}, simulated {} (and {} more)": "{} 在 {}：文件为 {}，模拟为 {}（另有 {} 处）",
    "{} at {}: CSV {}, Parquet {} (and {} more)": "{} 在 {}：CSV 为 {}，Parquet 为 {}（另有 {} 处）",
    "{} = {} was set at {} without a source, and cites '{}'": "{} = {} 设于{}，未注明来源，却引用“{}”",
    "{} = {} was set at {} without a source, and cites '{}' (and {} more)":
        "{} = {} 设于{}，未注明来源，却引用“{}”（另有 {} 处）",
    "{} = {} was set at {} without a source, and cites '{}', which {} states":
        "{} = {} 设于{}，未注明来源，却引用 {4} 中的“{3}”",
    "{} = {} was set at {} without a source, and cites '{}', which {} states (and {} more)":
        "{} = {} 设于{}，未注明来源，却引用 {4} 中的“{3}”（另有 {5} 处）",
}  # fmt: skip
