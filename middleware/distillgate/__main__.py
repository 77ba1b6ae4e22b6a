"""`python -m distillgate` is `distillgate`."""

from distillgate.cli.main import main

if __name__ == "__main__":
    main()
