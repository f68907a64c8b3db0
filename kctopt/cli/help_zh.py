"""Help of commands and options in Chinese, by its English paragraphs."""

from __future__ import annotations

VALUES = {  # what stands for the value of an option
    "DIRECTORY": "文件夹", "FLOAT RANGE": "数", "INTEGER RANGE": "整数", "TEXT": "文字", "PATH": "路径",
    "SECONDS": "秒", "PATH=VALUE": "路径=值", "FORMAT,…": "格式,…", "CONDITION": "条件", "FILE|DIR": "文件|文件夹",
    "NAME": "名称", "RATE": "汇率", "SCENARIO": "情景",
}  # fmt: skip

HELPS: dict[str, str] = {
    # shared
    "Show this message and exit.": "显示此帮助。", "Print data as JSON.": "以 JSON 输出数据。",
    "Language of labels; keys are always English.": "所用语言；键总是英文。",
    "Show the traceback of an unexpected error.": "出现意外错误时显示调用栈。",
    "Change a value, as `set:` in a file does.": "更改一个数值，同文件中的 `set:`。",
    "For each scenario to solve.": "每个待求解情景的时限。", "For each solve.": "每次求解的时限。",
    "Relative gap of each solve.": "每次求解的相对间隙。",
    "Compute again what is saved with the run.": "重新计算已随运行保存的结果。",
    # kctopt
    "Allocate R&D money over technology lines, years and tracks, with a proof of how good the plan is.":
        "在技术线、年份与轨道之间分配研发资金，并证明方案有多好。",
    "Start with `kctopt solve baseline`. Every option can be set by an environment variable, such as "
    "KCTOPT_SOLVE_GAP or KCTOPT_LANG.":
        "可从 `kctopt solve baseline` 开始。每个选项都可以用环境变量设置，如 KCTOPT_SOLVE_GAP 或 KCTOPT_LANG。",
    "Show the version.": "显示版本。",
    # new, schema, check, show
    "Make a study folder: a scenario to edit, its schema for the editor, a short README.":
        "新建研究文件夹：待编辑的情景、供编辑器用的模式、简短的 README。",
    "With --xlsx, or a name that ends in .xlsx, make a workbook that Excel edits and `check` and `solve` read; "
    "--lang chooses its language.":
        "加 --xlsx 或以 .xlsx 结尾的名称，则新建工作簿，由 Excel 编辑，`check` 与 `solve` 读取；--lang 决定其语言。",
    "A workbook to edit in Excel, in place of YAML.": "用 Excel 编辑的工作簿，以代替 YAML。",
    "Bundled scenario to start from; with --xlsx also the path of one.":
        "由哪个自带情景开始；加 --xlsx 时也可为情景文件的路径。",
    "Print the JSON Schema of scenario files.": "输出情景文件的 JSON Schema。",
    "Read scenarios and name every fault, with file and line.": "读取情景并指出全部错误，附文件与行。",
    "Show a scenario: in short, resolved, or value by value with its origin.":
        "显示情景：摘要、全文，或逐个数值及其设定位置。",
    "Print the whole scenario as one file that needs no other.": "将整个情景输出为一个不依赖其他文件的文件。",
    "Print every value with the file and line that set it.": "输出每个数值及设定它的文件与行。",
    "Change a value first.": "先更改一个数值。",
    # solve
    "Solve scenarios and save every run.": "求解情景并保存每次运行。",
    "SCENARIO is the name of one that comes with kctopt (`baseline`) or a file.":
        "SCENARIO 是 kctopt 自带情景的名称（如 `baseline`）或文件。",
    "Folder for the runs, one new folder each. Runs in it that are finished and whose input has not changed are "
    "not solved again. [default: runs, and always solve]":
        "存放运行的文件夹，每次运行一个新文件夹。其中已完成且输入未变的运行不再求解。[默认：runs，且总是求解]",
    "Stop at this relative gap.": "到此相对间隙即停止。", "Stop a scenario after this.": "每个情景的时限。",
    "Solve again what is finished in the output folder.": "输出文件夹中已完成的也重新求解。",
    # diagnose
    "Say why a scenario has no plan.": "说明情景为何没有方案。",
    "Names the smallest sets of rules that collide, with file and line, and by how much each would have to give. "
    "Ends with 0 where the scenario has a plan, 4 where it has none, 6 where that is not known in time.":
        "指出相互冲突的最小规则组，附文件与行，以及各须让步多少。情景有方案则以 0 结束，没有则为 4，时限内不得而知"
        "则为 6。",
    "Save diagnosis.json, conflicts.csv and scenario.yaml in this new folder.":
        "将 diagnosis.json、conflicts.csv 与 scenario.yaml 存入此新文件夹。",
    "Stop after this; what is proven by then is told.": "到此时限停止；说明届时已证明的内容。",
    # verify
    "Check a saved run from its files alone.": "仅凭文件核验已保存的运行。",
    "The plan is simulated again and held against every rule; tables, hashes and bounds must agree. Exits with 1 "
    "and names what is broken if a file was changed.":
        "重新模拟方案并对照每条规则；各表、哈希与界限必须一致。如有文件被改动，则以 1 结束并指出何处不符。",
    # compare
    "Compare runs: inputs, results, limits, regret, and what explains the change.":
        "比较运行：输入、结果、限制、遗憾值，以及变化由何而来。",
    "BASE and OTHER are run folders, of which nothing but the folder is read, or scenarios, which are solved "
    "first. Changes are OTHER less BASE.":
        "BASE 与 OTHER 是运行文件夹（只读该文件夹），或情景（先行求解）。变化为 OTHER 减 BASE。",
    "Work out what each changed input explains; solves scenarios in between.":
        "算出每项输入变化各解释多少；须求解中间的情景。",
    "How to print. [default: table, or as OUTPUT ends]": "输出形式。[默认：table，或按输出文件的后缀]",
    "Write there instead of stdout; csv to a name without suffix becomes a folder with one file a table.":
        "写到该处而不是标准输出；csv 写到无后缀的名称则成为每表一个文件的文件夹。",
    "End with 8 where a change meets this, such as 'NS<-1%' or 'money[quantum]>20'; can be given again.":
        "变化符合此条件则以 8 结束，如 'NS<-1%' 或 'money[quantum]>20'；可多次给出。",
    "Gap of what must be solved.": "须求解者的间隙。",
    # explain
    "Why this plan: questions about a saved run that take more solves.":
        "为何是此方案：针对已保存运行、须再作求解的问题。",
    "What is found is saved inside the run's folder, under explain/, and shown again without solving.":
        "结果存入运行文件夹的 explain/ 下，再次查看时不必求解。",
    "What one more unit of every rule of RUN is worth: shadow prices by the rules' names.":
        "RUN 的每条规则多一个单位值多少：按规则名称列出影子价格。",
    "Budgets, floors, caps, targets, exposure limits, exchange shares, ramps. With --check, ends with 1 if a price "
    "is not what solving again finds.":
        "包括预算、下限、上限、目标、敞口上限、交流份额与爬坡。加 --check 时，若价格与重新求解所得不同，则以 1 结束"
        "。",
    "Solve again on both sides of every rule and print the differences beside the prices.":
        "在每条规则的两侧重新求解，并在价格旁列出差异。",
    "How firm each allocation of RUN is: the least and most each domain, type and plan gets near the optimum.":
        "各项分配有多稳固：接近最优时，RUN 的各领域、种类与规划期最少和最多得到多少。",
    "Lists what every plan within epsilon must fund, may fund and never funds, and finds plans that differ most. "
    "With --confirm, ends with 1 if an end is not confirmed.":
        "列出 epsilon 之内的方案必投、可投与从不投入之处，并找出差别最大的方案。加 --confirm 时，若有一端未得到确认"
        "，则以 1 结束。",
    "How much worse than the optimum a plan may be, as a share of it.": "方案可比最优差多少，为最优值的份额。",
    "Solve again with the money pinned just inside and outside every end.":
        "将资金固定在每一端的内侧与外侧，重新求解。",
    "How many plans to find that differ most from the run's.": "找出多少个与该运行差别最大的方案。",
    "Processes that share the work. [default: as many as there are cores]": "分担工作的进程数。[默认：与核数相同]",
    "At which values of a parameter the plan of RUN changes in kind.": "参数取何值时 RUN 的方案变成另一种方案。",
    "Stages, cooperation modes, programmes, cells that get money, rules that bind, the order of domains and types.":
        "包括阶段、合作模式、攻关项目、得到资金的单元、起约束作用的规则、领域与种类的次序。",
    "The parameter: a number or a series, as for --set.": "参数：一个数或序列，写法同 --set。",
    "Lowest value. [default: by the kind of number]": "最低值。[默认：依数的种类]", "Highest value.": "最高值。",
    "Turn it as a value, a factor on the run's numbers, or a shift of them. [default: value; for several numbers a "
    "factor, for yearly rates a shift]":
        "作为数值、该运行数值的倍数，或其增减来变动。[默认：数值；多个数为倍数，年率为增减]",
    "Largest distance of the two values around a flip. [default: a 32nd of the range]":
        "转变点两侧数值的最大距离。[默认：范围的 1/32]",
    "Only flips of this kind (stage, mode, rule, …); may be repeated.":
        "只看此类转变（stage、mode、rule……）；可多次给出。",
    "Which conclusions of RUN survive other forms of KCT value, national security and diffusion.":
        "换用其他形式的关键核心技术价值、国家安全与扩散函数时，RUN 的哪些结论仍成立。",
    "The paper gives none of these forms: all are hypotheses, and a conclusion that changes with one is too.":
        "论文未给出这些形式：它们都是假设，随之改变的结论也只是假设。",
    "All combinations of forms, not one at a time (about 80 solves).":
        "各形式的全部组合，而非一次换一个（约 80 次求解）。",
    "Only conclusions of this kind (stage, rule, …); may be repeated.": "只看此类结论（stage、rule……）；可多次给出。",
    # report, export
    "Write a report on saved runs, in the language of --lang.": "就已保存的运行写报告，语言由 --lang 决定。",
    "It tells the question, the assumptions that differ from the model, the plan, what it is worth and how well "
    "that is proven, what binds, and the source of every number. Several runs are put side by side. The runs' "
    "folders are enough; files that exist are never replaced.":
        "报告说明问题、与模型不同的假设、方案、其价值及证明程度、起约束作用的规则，以及每个数的来源。多次运行并列比"
        "较。只需运行文件夹；从不覆盖已有文件。",
    "Any of html, pdf, docx, xlsx (several with commas). [html]":
        "html、pdf、docx、xlsx 中的任意几种（以逗号分隔）。[html]",
    "File, without suffix for several. [RUN-report]": "文件；多种形式时不带后缀。[RUN-report]",
    "Write a saved run as files for other programs and for slides.":
        "将已保存的运行写成供其他程序与幻灯片使用的文件。",
    "`kctopt export RUN --to excel` writes a workbook with charts and all tables, `--to iamc` the variables that "
    "pyam reads, `--to netcdf` arrays for xarray, `--to datapackage` the tables as one zip file; `--figures "
    "png,svg` draws the figures. Labels are in the language of --lang.":
        "`kctopt export RUN --to excel` 写出含图表与全部数据表的工作簿，`--to iamc` 写出 pyam 可读的变量，`--to "
        "netcdf` 写出供 xarray 用的数组，`--to datapackage` 将各表写成一个 zip 文件；`--figures png,svg` 画出各图。"
        "标签用 --lang 的语言。",
    "excel, iamc, netcdf or datapackage (several with commas).":
        "excel、iamc、netcdf 或 datapackage（可多个，以逗号分隔）。",
    "Draw the figures, as png, svg or pdf (several with commas).":
        "画出各图，为 png、svg 或 pdf（可多个，以逗号分隔）。",
    "New folder for the files. [exports/RUN]": "存放文件的新文件夹。[exports/RUN]",
    "Name of the nation in IAMC files.": "IAMC 文件中国家的名称。",
    "Name of the scenario in IAMC files. [default: its own]": "IAMC 文件中情景的名称。[默认：其自身名称]",
    "Tell money of IAMC files in USD.": "IAMC 文件的资金以美元表示。",
    # doctor
    "Check this installation: versions, solver, terminal, folders, bundled data.":
        "检查此安装：版本、求解器、终端、文件夹、内置数据。",
    "Exits with 1 if something is broken. Its output belongs in every bug report.":
        "若有故障则以 1 结束。报告错误时请附上其输出。",
}  # fmt: skip
