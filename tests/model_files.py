"""A small model folder on disk, for tests of reading: two domains, four lines."""

from __future__ import annotations

from pathlib import Path

MODEL = """\
horizon: {base_year: 2025, last_year: 2030}
budget: {2026: 100, 2030: 140}
money: {carry_share: .1, ramp_growth: .3, ramp_step: 5, history_growth: .08}
knowledge: {effort_elasticity: .5, accelerator_elasticity: .2, stock_elasticity: .2}
substitution: {elasticity: .5, depreciation: .3, output: 1, reference_share: .1, ceiling: .3}
controls:
  intensity: .4
diffusion:
  absorption: .05
  exchange_output: 2
  exchange_elasticity: .4
  exchange_reference: .1
  exchange_control: .5
  catch_up: .03
  catch_up_control: .5
  leverage: .1
cooperation: {sensitivity_threshold: .5, growth_threshold: .5, exposure_limit: 20}
cut_off: {loss: 10, shield: .05}
kct:
  multiplier: .2
  rho: -1
  weights: {B: 1, A: 1, M: 1, S: 1}
  rho_domains: 0
economy: {ratio: .65, trend: .01, kct_elasticity: .2}
military: {index: sipri, kct_elasticity: .1, shield_elasticity: .1}
security: {economy: .4, military: .3, technology: .3}
objective: {discount: .95}
"""

DOMAINS = """\
id,label_en,label_zh,weight
ai,AI,人工智能,0.6
quantum,Quantum,量子,0.4
"""

LINES = """\
id,label_en,label_zh,domain,bottleneck,accelerator,moat,security,sensitivity,growth,capability,trend,rival_growth,\
spend,exchange_share,substitution_share,floor,cap
ai-B,AI bottleneck,瓶颈,ai,1,0,0,0,0.8,0.9,40,0.01,0.03,20,0.1,0.1,,60
ai-A,AI accelerator,加速器,ai,0,1,0,0,0.3,0.8,70,0.005,0.03,25,0.2,0.05,2,
quantum-M,Quantum moat,保护带,quantum,0,0,1,0,0.4,0.3,60,0.01,0.02,15,0.1,0.05,,
quantum-S,Quantum security,安全,quantum,0,0,0,1,0.9,0.2,50,0.01,0.02,10,0.02,0.1,,
"""

RUNGS = """\
id,label_en,label_zh,capability_weight,profile,depreciation,inflow,spend_share,lag_0,lag_1,lag_2,lag_3
F,Functional,功能,0.4,1.2,0.08,1,0.4,0.5,0.5,,
P,Performance,性能,0.35,1,0.07,0.6,0.35,,0.5,0.5,
R,Reliability,可靠,0.25,0.68,0.05,0.3,0.25,,,0.5,0.5
"""

SPILLOVERS = """\
source,target,strength
ai,ai,1
ai,quantum,0.5
"""

QUADRANTS = """\
id,label_en,label_zh,min_exchange,max_exchange,shield_share
widen,Widen,扩大,0.05,0.6,0
active,Active,主动,0,0.45,0
managed,Managed,管控,0,0.2,0
barrier,Barrier,壁垒,0,0.02,0.3
"""

INDICES = """\
id,label_en,label_zh,ratio,trend
sipri,SIPRI,军费,0.31,0.01
cinc,CINC,综合,1.89,0
"""

PROVENANCE = """\
path,unit,source,year,grade,note
budget,billion CNY/year,made up,2025,assumption,
lines.growth,share,made up,2025,C,"a note, with a comma"
"""

MODES = """\
id,label_en,label_zh,exchange,max_exchange,exposure,market_gain
closed,Closed,封闭,0.5,0.05,0.5,-1
guarded,Guarded,有防护,1,0.3,1,0
open,Open,开放,1.2,0.6,1.3,1
"""

TRANCHES = """\
line,rung,upto,effect
ai-B,P,.5,.2
ai-B,P,1,1
ai-B,P,2,1.8
"""

PROGRAMMES = """\
id,label_en,label_zh,line,rung,mode,routes,success,gain,first_start,last_start,duration,researchers,requires,excludes,\
deadline,reward,cost_1,cost_2
etching,Etching,刻蚀,ai-B,P,open_bid,,.6,4,2026,2027,2,.5,,,,,2,3
scanner,Scanner race,光刻机竞赛,ai-B,R,horse_race,3,.5,5,2028,2029,2,.5,;etching;,,2030,1.5,1,1
"""

OPTIONS = {"modes": MODES, "tranches": TRANCHES, "programmes": PROGRAMMES}  # given to write_model when wanted

TABLES = {
    "domains.csv": DOMAINS,
    "lines.csv": LINES,
    "rungs.csv": RUNGS,
    "spillovers.csv": SPILLOVERS,
    "quadrants.csv": QUADRANTS,
    "military_indices.csv": INDICES,
    "provenance.csv": PROVENANCE,
}


def write_model(folder: Path, **replaced: str | bytes) -> Path:
    """Write the model; `model` and the names of tables (without .csv) replace or add a whole file."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, str | bytes] = {"model.yaml": MODEL, **TABLES}
    for name, content in replaced.items():
        files["model.yaml" if name == "model" else f"{name}.csv"] = content
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)
    return folder


def write_scenario(folder: Path, text: str, name: str = "case.yaml") -> Path:
    """Write a scenario file beside the model."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
