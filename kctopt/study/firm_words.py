"""Words of the report on many worlds, in English and Chinese."""

from __future__ import annotations

from typing import Any

from kctopt.language import Texts, translate

WORDS: Texts = {
    "title": "How firm is this over the worlds considered",
    "report_title": "The worlds considered: {title}",
    "subtitle": "Study {name}, {members} members, kctopt {version}. Money in billion CNY at base-year prices.",
    "lead": (
        "Study {name}: {draws} worlds, drawn over {inputs} uncertain inputs ({method}). In each the plan was optimised "
        "anew, with its own proof."
    ),
    "missing": "Members are missing: the study is told once `kctopt sweep` has gone on to its end.",
    "security": (
        "National security in {year}: {mid} points in the middle world, {low} to {high} in nine of ten worlds with a "
        "plan."
    ),
    "objective": "The objective: {mid} in the middle world, {low} to {high} in nine of ten.",
    "planning": (
        "Planning is worth {mid} points over the years in the middle world, {low} to {high} in nine of ten: the best "
        "plan of each world less the base year's shares of the money in the same world."
    ),
    "quantiles": "Indices in {year} over the worlds, points",
    "index": "index",
    "money": "Where the money goes over the worlds",
    "ranks": "Ranks and verdicts over the plans of the worlds:",
    "cells": "By domain and type:",
    "all_funded": "Every one of them is funded in the plan of every world.",
    "one_item": "There is one alone, and nothing to rank.",
    "hangs": "What it hangs on",
    "short": "Where it falls short",
    "short_lead": (
        "Asked of the worlds in which national security in {year} is in its lowest quarter, below {value} points. The "
        "inputs in which they differ from the others:"
    ),
    "held": "Plans kept as they are",
    "held_lead": (
        "The money of {run} held fixed in every one of these worlds, the exact laws run in each, without optimising "
        "anew."
    ),
    "held_security": (
        "National security in {year}: {mid} points in the middle world, {low} to {high} in nine of ten."
    ),
    "held_kept": "It keeps every rule in {share} of the {draws} worlds.",
    "held_planning": (
        "It is worth {mid} points over the years more than the base year's shares in the middle world, {low} to {high} "
        "in nine of ten."
    ),
    "regret_lead": (
        "What plans lose where they are kept in another world than they were made for: runs, and plans that are best "
        "in some world (#3: in the world of draw 3)."
    ),
    "other_state": (
        "The scenario of the study is not that of the run as it was saved, or the study's file does not say: the "
        "worlds are told as they were swept, and what the plan of the run gives in them may not agree."
    ),
    "not_drawn": "Not shown: {reason}",
}  # fmt: skip


def say(key: str, lang: str, **values: Any) -> str:
    """The words for a key."""
    return translate(WORDS[key], lang, **values)
