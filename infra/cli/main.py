"""`lambent`: one file per group of commands; this one only names them."""

import typer

app = typer.Typer(
    name="lambent",
    help="Deploys machine-learning models as serverless functions a web product can trust.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
