"""Decisions before and after the world is known: programs of states joined by what they share.

measures      what is minimised over states: expected cost, its mix with CVaR, the worst, the worst regret
extensive     programs of states as one program, a shared column once
joined        that program solved: by HiGHS where it is linear, by interior points and the simulator of every state
values        RP, WS, EV, EEV with brackets; EVPI, VSS, value of recourse
"""
