"""What a QuickBooks company says about itself: CompanyInfo and Preferences."""

from connector.sandbox.body import Body
from connector.sandbox.quickbooks.company import Company

_FOUNDED = "2026-01-01T08:00:00-08:00"


def company_info(company: Company) -> Body:
    """The CompanyInfo object; there is one, with Id 1."""
    return {
        "CompanyName": company.name,
        "LegalName": company.name,
        "Country": company.country,
        "CompanyAddr": {"Id": "1", "Country": company.country},
        "FiscalYearStartMonth": "January",
        "SupportedLanguages": "en",
        "CompanyStartDate": "2026-01-01",
        **_common(),
    }


def preferences(company: Company) -> Body:
    """The Preferences object as the settings stand; an open period has no BookCloseDate."""
    settings = company.settings
    accounting: Body = {
        "TrackDepartments": settings.flag("track_departments"),
        "ClassTrackingPerTxnLine": settings.flag("class_tracking_per_line"),
        "ClassTrackingPerTxn": False,
        "UseAccountNumbers": True,
    }
    closed_to = settings.day("book_close_date")
    if closed_to:
        accounting["BookCloseDate"] = closed_to.isoformat()
    currency: Body = {
        "MultiCurrencyEnabled": settings.flag("multi_currency"),
        "HomeCurrency": {"value": company.currency},
    }
    duplicates = "true" if settings.flag("warn_duplicate_journal_number") else "false"
    return {
        "AccountingInfoPrefs": accounting,
        "CurrencyPrefs": currency,
        "ReportPrefs": {"ReportBasis": settings.word("report_basis"), "CalcAgingReportFromTxnDate": False},
        "TaxPrefs": {"UsingSalesTax": settings.flag("using_sales_tax")},
        "OtherPrefs": {"NameValue": [{"Name": "WarnDuplicateJournalNumber", "Value": duplicates}]},
        **_common(),
    }


def _common() -> Body:
    times: Body = {"CreateTime": _FOUNDED, "LastUpdatedTime": _FOUNDED}
    return {"Id": "1", "SyncToken": "0", "domain": "QBO", "sparse": False, "MetaData": times}
