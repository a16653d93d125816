"""The lists a new Xero organisation starts with, and what each account type means."""

from collections.abc import Mapping
from decimal import Decimal

from connector.sandbox.body import Body, text
from connector.sandbox.xero.organisation import Organisation

CLASS_OF: Mapping[str, str] = {
    "BANK": "ASSET", "CURRENT": "ASSET", "FIXED": "ASSET", "INVENTORY": "ASSET", "NONCURRENT": "ASSET",
    "PREPAYMENT": "ASSET", "CURRLIAB": "LIABILITY", "LIABILITY": "LIABILITY", "TERMLIAB": "LIABILITY",
    "EQUITY": "EQUITY", "REVENUE": "REVENUE", "SALES": "REVENUE", "OTHERINCOME": "REVENUE",
    "DIRECTCOSTS": "EXPENSE", "EXPENSE": "EXPENSE", "OVERHEADS": "EXPENSE", "DEPRECIATN": "EXPENSE",
}  # fmt: skip

# code, name, type, "sales", "purchases" or "none" for the default tax, role among the system accounts
_ACCOUNTS = (
    ("090", "Checking", "BANK", "none", ""),
    ("091", "Savings", "BANK", "none", ""),
    ("200", "Sales", "REVENUE", "sales", ""),
    ("260", "Other Revenue", "REVENUE", "sales", ""),
    ("310", "Cost of Goods Sold", "DIRECTCOSTS", "purchases", ""),
    ("404", "Bank Fees", "EXPENSE", "none", ""),
    ("469", "Rent", "EXPENSE", "purchases", ""),
    ("499", "Realised Currency Gains", "EXPENSE", "none", "REALISEDCURRENCYGAIN"),
    ("610", "Accounts Receivable", "CURRENT", "none", "DEBTORS"),
    ("630", "Inventory", "CURRENT", "none", ""),
    ("800", "Accounts Payable", "CURRLIAB", "none", "CREDITORS"),
    ("820", "", "CURRLIAB", "none", "GST"),
    ("860", "Rounding", "CURRLIAB", "none", "ROUNDING"),
    ("960", "Retained Earnings", "EQUITY", "none", "RETAINEDEARNINGS"),
    ("970", "Owner Funds Introduced", "EQUITY", "none", ""),
)

# type, name, rate, applies to: r(evenue) e(xpenses) a(ssets) l(iabilities) q (equity)
_Rate = tuple[str, str, str, str]
_NONE: _Rate = ("NONE", "No Tax", "0", "realq")
_RATES: Mapping[str, tuple[_Rate, ...]] = {
    "GB": (
        ("OUTPUT2", "20% (VAT on Income)", "20", "rlq"),
        ("RROUTPUT", "5% (VAT on Income)", "5", "rlq"),
        ("ZERORATEDOUTPUT", "Zero Rated Income", "0", "rlq"),
        ("EXEMPTOUTPUT", "Exempt Income", "0", "rlq"),
        ("INPUT2", "20% (VAT on Expenses)", "20", "ealq"),
        ("RRINPUT", "5% (VAT on Expenses)", "5", "ealq"),
        ("ZERORATEDINPUT", "Zero Rated Expenses", "0", "ealq"),
        ("EXEMPTINPUT", "Exempt Expenses", "0", "ealq"),
        _NONE,
    ),
    "AU": (
        ("OUTPUT", "GST on Income", "10", "rlq"),
        ("INPUT", "GST on Expenses", "10", "ealq"),
        ("EXEMPTOUTPUT", "GST Free Income", "0", "rlq"),
        ("EXEMPTEXPENSES", "GST Free Expenses", "0", "ealq"),
        ("BASEXCLUDED", "BAS Excluded", "0", "realq"),
    ),
    "US": (_NONE, ("TAX001", "Sales Tax 8.25%", "8.25", "realq")),
}
_REPORTED_AS = {
    "OUTPUT2": "OUTPUT", "INPUT2": "INPUT", "RROUTPUT": "OUTPUT", "RRINPUT": "INPUT", "TAX001": "USSALESTAX",
}  # fmt: skip
_SALES_DEFAULT = {"GB": "OUTPUT2", "AU": "OUTPUT", "US": "NONE"}
_PURCHASES_DEFAULT = {"GB": "INPUT2", "AU": "INPUT", "US": "NONE"}
_TAX_NAME = {"GB": "VAT", "AU": "GST", "US": "Sales Tax"}


def found(organisation: Organisation) -> None:
    """Give an organisation without accounts its starting lists; an existing one stays as it is."""
    with organisation.shelf.transaction():
        if organisation.shelf.all("Accounts"):
            return
        region = region_of(organisation.country)
        none = "BASEXCLUDED" if region == "AU" else "NONE"
        default = {"sales": _SALES_DEFAULT[region], "purchases": _PURCHASES_DEFAULT[region], "none": none}
        for code, name, type_, tax, role in _ACCOUNTS:
            body: Body = {"Code": code, "Name": name or _TAX_NAME[region], "Type": type_, "TaxType": default[tax]}
            add_account(organisation, {**body, **({"SystemAccount": role} if role else {})})
        for rate in _RATES[region]:
            _add_rate(organisation, *rate)
        currency: Body = {"Code": organisation.currency, "Description": organisation.currency}
        organisation.shelf.put("Currencies", organisation.currency, currency)


def region_of(country: str) -> str:
    """Whose tax rates the country uses here: GB, AU, or US for everybody else."""
    return country if country in _RATES else "US"


def add_account(organisation: Organisation, account: Body) -> Body:
    """Keep a new account whose fields are in order; its type decides the class."""
    bank: Body = {}
    if account["Type"] == "BANK":
        bank = {"BankAccountType": "BANK", "CurrencyCode": organisation.currency, "BankAccountNumber": ""}
    body: Body = {
        "TaxType": "NONE",
        "EnablePaymentsToAccount": False,
        "ShowInExpenseClaims": False,
        **bank,
        **account,
        "AccountID": organisation.new_id("Accounts"),
        "Class": CLASS_OF[text(account, "Type")],
        "Status": "ACTIVE",
        "HasAttachments": False,
        "AddToWatchlist": False,
    }
    return organisation.keep("Accounts", "AccountID", body, mark=text(account, "Code"))


def _add_rate(organisation: Organisation, type_: str, name: str, percent: str, applies: str) -> None:
    rate = Decimal(percent)
    component: Body = {"Name": name, "Rate": rate, "IsCompound": False, "IsNonRecoverable": False}
    body: Body = {
        "Name": name,
        "TaxType": type_,
        "ReportTaxType": _REPORTED_AS.get(type_, type_),
        "Status": "ACTIVE",
        "CanApplyToRevenue": "r" in applies,
        "CanApplyToExpenses": "e" in applies,
        "CanApplyToAssets": "a" in applies,
        "CanApplyToLiabilities": "l" in applies,
        "CanApplyToEquity": "q" in applies,
        "DisplayTaxRate": rate,
        "EffectiveRate": rate,
        "TaxComponents": [component],
    }
    organisation.shelf.put("TaxRates", type_, body)
