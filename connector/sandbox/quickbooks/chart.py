"""The lists a new QuickBooks company starts with, and what each account type means."""

from collections.abc import Mapping

from connector.sandbox.body import Body
from connector.sandbox.quickbooks.company import Company

# account type: classification, subtype when none is sent
ACCOUNT_TYPES: Mapping[str, tuple[str, str]] = {
    "Bank": ("Asset", "Checking"),
    "Accounts Receivable": ("Asset", "AccountsReceivable"),
    "Other Current Asset": ("Asset", "OtherCurrentAssets"),
    "Fixed Asset": ("Asset", "OtherFixedAssets"),
    "Other Asset": ("Asset", "OtherLongTermAssets"),
    "Accounts Payable": ("Liability", "AccountsPayable"),
    "Credit Card": ("Liability", "CreditCard"),
    "Other Current Liability": ("Liability", "OtherCurrentLiabilities"),
    "Long Term Liability": ("Liability", "OtherLongTermLiabilities"),
    "Equity": ("Equity", "OpeningBalanceEquity"),
    "Income": ("Revenue", "SalesOfProductIncome"),
    "Other Income": ("Revenue", "OtherMiscellaneousIncome"),
    "Expense": ("Expense", "OtherMiscellaneousServiceCost"),
    "Other Expense": ("Expense", "OtherMiscellaneousExpense"),
    "Cost of Goods Sold": ("Expense", "SuppliesMaterialsCogs"),
}
BALANCE_SHEET = frozenset({"Asset", "Liability", "Equity"})

# name, type, subtype, number
_ACCOUNTS = (
    ("Checking", "Bank", "Checking", "1000"),
    ("Savings", "Bank", "Savings", "1010"),
    ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable", "1100"),
    ("Undeposited Funds", "Other Current Asset", "UndepositedFunds", "1200"),
    ("Inventory Asset", "Other Current Asset", "Inventory", "1300"),
    ("Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable", "2000"),
    ("Loan Payable", "Other Current Liability", "LoanPayable", "2300"),
    ("Opening Balance Equity", "Equity", "OpeningBalanceEquity", "3000"),
    ("Retained Earnings", "Equity", "RetainedEarnings", "3100"),
    ("Sales of Product Income", "Income", "SalesOfProductIncome", "4000"),
    ("Services", "Income", "ServiceFeeIncome", "4100"),
    ("Discounts given", "Income", "DiscountsRefundsGiven", "4200"),
    ("Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs", "5000"),
    ("Bank Charges", "Expense", "BankCharges", "6000"),
    ("Rent or Lease", "Expense", "RentOrLeaseOfBuildings", "6100"),
    ("Exchange Gain or Loss", "Other Expense", "ExchangeGainOrLoss", "8000"),
)
_TAX_ACCOUNT = {"US": "Sales Tax Payable", "CA": "GST/HST Payable", "AU": "GST Liabilities Payable"}

# code: description, percent text
_TAX_CODES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "US": (("TAX", "Taxable", "0"), ("NON", "Non-taxable", "0")),
    "CA": (
        ("H", "HST ON", "13"),
        ("G", "GST", "5"),
        ("Z", "Zero-rated", "0"),
        ("E", "Exempt", "0"),
        ("Out of Scope", "Out of scope", "0"),
    ),
    "AU": (("GST", "GST", "10"), ("GST free", "GST free", "0"), ("Out of Scope", "Out of Scope", "0")),
    "GB": (
        ("20.0% S", "Standard", "20"),
        ("5.0% R", "Reduced", "5"),
        ("0.0% Z", "Zero-rated", "0"),
        ("Exempt", "Exempt", "0"),
        ("No VAT", "Outside the scope of VAT", "0"),
    ),
}


def tax_account(country: str) -> str:
    """The name of the liability account that automated tax posts to."""
    return _TAX_ACCOUNT.get(country, "VAT Control")


def found(company: Company) -> None:
    """Give a company without accounts its starting lists; an existing one stays as it is."""
    with company.shelf.transaction():
        if company.shelf.all("Account"):
            return
        for name, type_, subtype, number in _ACCOUNTS:
            add_account(company, {"Name": name, "AccountType": type_, "AccountSubType": subtype, "AcctNum": number})
        tax = tax_account(company.country)
        subtype = "GlobalTaxPayable" if company.country != "US" else "SalesTaxPayable"
        add_account(company, {"Name": tax, "AccountType": "Other Current Liability", "AccountSubType": subtype})
        for code, description, percent in _TAX_CODES.get(company.country, _TAX_CODES["GB"]):
            _add_tax_code(company, code, description, percent)


def add_account(company: Company, account: Body) -> Body:
    """Keep an account whose fields are in order; its type decides the classification."""
    type_ = str(account["AccountType"])
    classification, subtype = ACCOUNT_TYPES[type_]
    full_name = str(account.get("FullyQualifiedName", account["Name"]))
    body: Body = {
        "AccountSubType": subtype,
        "SubAccount": False,
        **account,
        "FullyQualifiedName": full_name,
        "Classification": classification,
        "Active": True,
        "CurrencyRef": {"value": company.currency},
    }
    return company.keep_new("Account", body, mark=full_name.lower())


def _add_tax_code(company: Company, code: str, description: str, percent: str) -> None:
    lists: Body = {}
    if company.country != "US":
        lists = {
            f"{side}TaxRateList": {"TaxRateDetail": [_tax_rate(company, f"{code} ({side})", description, percent)]}
            for side in ("Sales", "Purchase")
        }
    body: Body = {
        "Name": code,
        "Description": description,
        "Active": True,
        "Hidden": False,
        "Taxable": percent != "0" or code == "TAX",
        "TaxGroup": company.country != "US",
        **lists,
    }
    company.keep_new("TaxCode", body)


def _tax_rate(company: Company, name: str, description: str, percent: str) -> Body:
    """A new rate, as the code that it belongs to lists it."""
    rate: Body = {"Name": name, "Description": description, "Active": True, "RateValue": int(percent)}
    kept = company.keep_new("TaxRate", {**rate, "AgencyRef": {"value": "1"}, "SpecialTaxType": "NONE"})
    ref: Body = {"value": kept["Id"], "name": kept["Name"]}
    return {"TaxRateRef": ref, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}
