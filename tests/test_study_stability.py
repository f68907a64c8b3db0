"""Rank stability: shares of the top, ties, weights, verdicts by plans and by ranges."""

from __future__ import annotations

import pandas as pd
import pytest
from pytest import approx

from kctopt.errors import UsageError
from kctopt.study.stability import rank_stability


def plans(**rows: list[float]) -> pd.DataFrame:
    """Members by name, each with the money of domains ai, bio, chips, half of it in each of two types."""
    return pd.DataFrame([
        {"member": name, "domain": domain, "type": kind, "spend": amount / 2}
        for name, amounts in rows.items()
        for domain, amount in zip(("ai", "bio", "chips"), amounts, strict=True)
        for kind in ("B", "A")
    ])  # fmt: skip


FOUR = plans(m1=[5, 1, 4], m2=[2, 0, 8], m3=[4, 0, 6], m4=[3, 3, 4])


def test_shares_of_the_top_by_hand() -> None:
    found = rank_stability(FOUR, top=1).table
    assert found["top"].to_dict() == {"chips": 0.75, "ai": 0.25, "bio": 0.0}
    assert found.loc["chips", "mean_rank"] == approx((2 + 1 + 1 + 1) / 4)
    assert found.loc["ai", "mean_rank"] == approx((1 + 2 + 2 + 2.5) / 4)
    assert found.loc["ai", ["share_5", "share_50", "share_95"]].tolist() == approx([0.2, 0.3, 0.5])
    assert found["verdict"].to_dict() == {"chips": "must", "ai": "must", "bio": "may"}
    assert found.loc["bio", "funded"] == 0.5


def test_ties_share_the_last_place_and_places_sum_to_the_top() -> None:
    found = rank_stability(plans(m1=[3, 3, 4], m2=[1, 1, 1]), top=2).table
    assert found["top"].sum() == approx(2.0)
    assert found["top"].to_dict() == approx(
        {"chips": (1 + 2 / 3) / 2, "ai": (0.5 + 2 / 3) / 2, "bio": (0.5 + 2 / 3) / 2}
    )


def test_cells_types_and_weights() -> None:
    cells = rank_stability(FOUR, by=("domain", "type"), top=2).table
    assert cells["top"].sum() == approx(2.0) and cells.loc[("chips", "A"), "top"] == approx(0.75)
    assert rank_stability(FOUR, by="type", top=1).table["top"].tolist() == [0.5, 0.5]
    weights = pd.Series({"m4": 0.0, "m3": 0.0, "m2": 0.0, "m1": 2.0})
    assert rank_stability(FOUR, top=1, weights=weights).table["top"].to_dict() == {"ai": 1.0, "chips": 0.0, "bio": 0.0}


def test_an_item_without_a_row_in_a_member_has_no_money_there() -> None:
    short = FOUR[~((FOUR["member"] == "m1") & (FOUR["domain"] == "bio"))]
    assert rank_stability(short, top=1).table.loc["bio", "funded"] == 0.25


def test_what_counts_as_nothing_can_be_said() -> None:
    assert rank_stability(FOUR, top=1, nothing=4.5).table["verdict"].to_dict() == {
        "chips": "may",
        "ai": "may",
        "bio": "never",
    }


def verdicts(**rows: list[str]) -> pd.DataFrame:
    return pd.DataFrame([
        {"member": name, "domain": domain, "verdict": verdict}
        for name, said in rows.items()
        for domain, verdict in zip(("ai", "bio", "chips"), said, strict=True)
    ])  # fmt: skip


TWO = plans(m1=[5, 1, 4], m2=[2, 0, 8])


def test_ranges_of_members_decide_where_they_are_given() -> None:
    found = rank_stability(TWO, top=1, ranges=verdicts(m1=["may", "never", "must"], m2=["must", "never", "must"]))
    assert found.table["verdict"].to_dict() == {"ai": "may", "bio": "never", "chips": "must"}
    told = found.sentences()
    assert "Must: every nearly optimal plan of every member funds chips." in told
    assert "Never: no nearly optimal plan of any member funds bio." in told
    mixed = rank_stability(TWO, top=1, ranges=verdicts(m1=["must", "open", "must"], m2=["never", "never", "open"]))
    assert mixed.table["verdict"].to_dict() == {"ai": "may", "bio": "open", "chips": "open"}
    assert any(one.startswith("Open, for what is attained") for one in mixed.sentences())


def test_sentences_say_what_is_firm() -> None:
    found = rank_stability(FOUR, top=2)
    assert found.sentences() == [
        "3 items over 4 members.",
        "In the top 2 in every member: chips.",
        "In the top 2 in some members: ai in 88 % and bio in 12 %.",
        "Funded in the plan of every member: chips and ai.",
    ]
    assert "None is in the top 1 in every member." in rank_stability(FOUR, top=1).sentences()
    assert any("每个成员" in one for one in found.sentences("zh"))
    assert repr(found) == "Stability(domain, 3 items, 4 members)"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "domian"}, "allocation has no column 'domian'; did you mean 'domain'"),
        ({"amount": "money"}, "allocation has no column 'money'"),
        ({"top": 3}, "top=3: there are 3 items, all of which would be in the top"),
        ({"top": 0}, "top=0: needs a whole number from 1 on"),
        ({"weights": pd.Series({"m1": 1.0})}, "weights: its index is not that of the draws"),
        ({"ranges": verdicts(m1=["may", "may", "may"])}, "nothing is said of ai in member m2"),
        ({"ranges": verdicts(m1=["may"] * 3, m2=["mut"] * 3)}, "verdict 'mut' is none; did you mean 'must'"),
        ({"ranges": pd.concat([verdicts(m1=["may"] * 3, m2=["may"] * 3)] * 2)}, "several rows of one member and item"),
        ({"ranges": TWO}, "ranges have no column 'verdict'"),
    ],
)
def test_what_is_missing_is_told(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        rank_stability(TWO, **{"top": 1, **options})  # type: ignore[arg-type]


def test_money_is_a_number_from_0_on() -> None:
    with pytest.raises(UsageError, match="spend is blank, negative or infinite in 1 rows, first of m1 ai"):
        rank_stability(TWO.assign(spend=[-1.0] + [1.0] * 11), top=1)
    with pytest.raises(UsageError, match="needs a DataFrame with a row for each member and cell"):
        rank_stability([], top=1)  # type: ignore[arg-type]
