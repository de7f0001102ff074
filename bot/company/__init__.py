"""The reader of a company's file: `load_company` gives a configuration, or all the file's mistakes."""

from bot.company.file import CHANNELS, load_company, read_company
from bot.company.mistakes import CompanyFileError, Mistake

__all__ = ["CHANNELS", "CompanyFileError", "Mistake", "load_company", "read_company"]
