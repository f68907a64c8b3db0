"""The group of commands, and what happens to errors that reach it."""

from __future__ import annotations

import os
import sys
from importlib import metadata
from typing import Any

import rich_click as click
from click.exceptions import Exit

from kctopt.cli.analyse import analyse
from kctopt.cli.backcast import backcast
from kctopt.cli.compare import compare
from kctopt.cli.diagnose import diagnose
from kctopt.cli.doctor import doctor
from kctopt.cli.errors import report
from kctopt.cli.explain import explain
from kctopt.cli.explore import explore
from kctopt.cli.export import export
from kctopt.cli.helped import Group, in_language
from kctopt.cli.list import listing
from kctopt.cli.output import TYPED, OutputOptions, name_kept, printed, say
from kctopt.cli.pareto import pareto
from kctopt.cli.report import report as report_command
from kctopt.cli.said import asked_language
from kctopt.cli.scenario import check, new, schema, show
from kctopt.cli.signals import INTERRUPTED, exit_code, heed, listening
from kctopt.cli.simulate import simulate
from kctopt.cli.solve import solve
from kctopt.cli.stochastic import stochastic
from kctopt.cli.sweep import sweep
from kctopt.cli.verify import verify


class Main(Group):
    """A group whose errors become one message and the exit code of their kind."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run; output never fails on a terminal that cannot show a letter."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")
        if "numpy" not in sys.modules:  # in a process of our own: threads of BLAS spin longer than they work here
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        with listening():
            return super().main(*args, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the arguments as typed; a run records its command."""
        ctx.meta[TYPED] = list(args)
        lang = asked_language(args)
        if printed(lang) != lang and "--json" not in args:
            letters = f"{sys.stdout.encoding} has no letters for --lang {lang}"
            tip = "set PYTHONIOENCODING=utf-8, or choose UTF-8 in the terminal"
            click.echo(f"{letters}: printed in English; {tip}", err=True)
        try:
            return super().parse_args(ctx, args)
        except click.ClickException as error:
            raise told(error, ctx) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; errors end here."""
        try:
            done = super().invoke(ctx)
            sys.stdout.flush()  # a full disk behind it shows here
            heed()
            return done
        except Exit as end:
            ctx.exit(exit_code(end.exit_code))
        except (click.ClickException, click.Abort, BrokenPipeError) as error:
            raise told(error, ctx) from None
        except KeyboardInterrupt:
            say("interrupted")
            name_kept()
            ctx.exit(exit_code(INTERRUPTED))
        except Exception as error:
            ctx.exit(report(error, OutputOptions.current(ctx)))


def told(error: Exception, ctx: click.Context) -> Exception:
    """An error that click shows, in the reader's language."""
    return in_language(error, OutputOptions.current(ctx).lang) if isinstance(error, click.ClickException) else error


def _version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    """Print the version and stop; a source tree that is not installed has none."""
    if asked:
        try:
            click.echo(f"kctopt {metadata.version('kctopt')}")
        except metadata.PackageNotFoundError:
            click.echo("kctopt (not installed)")
        ctx.exit()


@click.group(
    cls=Main,
    context_settings={"auto_envvar_prefix": "KCTOPT", "help_option_names": ["-h", "--help"]},
    epilog="Start with `kctopt solve baseline`. Every option can be set by an environment variable, "
    "such as KCTOPT_SOLVE_GAP or KCTOPT_LANG.",
)
@click.option(
    "-V", "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version."
)
def main() -> None:
    """Allocate R&D money over technology lines, years and tracks, with a proof of how good the plan is."""


for command in (
    new, listing, schema, check, show, solve, simulate, sweep, analyse, stochastic, pareto, diagnose, verify, compare,
    explain, explore, report_command, export, backcast, doctor,
):  # fmt: skip
    main.add_command(command)
