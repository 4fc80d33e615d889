"""`python -m crm.translations`: compile the catalogues after editing a .po file."""

import sys

from crm.translations import HERE, ConflictingTranslations, compile_catalogues


def main() -> None:
    try:
        paths = compile_catalogues()
    except (ConflictingTranslations, ValueError) as error:
        sys.exit(str(error))
    for path in paths:
        sys.stdout.write(f"{path.relative_to(HERE.parent.parent)}\n")


if __name__ == "__main__":
    main()
