"""What a Xero organisation says about itself."""

from connector.sandbox.body import Body
from connector.sandbox.xero.organisation import TENANT, Organisation, wire_day

_ACTIONS = ("CreateApprovedInvoice", "CreateApprovedBill", "CreateInvoicePayment", "AttachFilesIntoInvoice",
            "UseMulticurrency")  # fmt: skip
_TIMEZONES = {"GB": "GMTSTANDARDTIME", "US": "EASTERNSTANDARDTIME", "AU": "AUSEASTERNSTANDARDTIME"}


def organisation_body(organisation: Organisation) -> Body:
    """The Organisation as the settings stand; without a lock date its field is absent."""
    locks: Body = {}
    for setting, field in (("period_lock_date", "PeriodLockDate"), ("end_of_year_lock_date", "EndOfYearLockDate")):
        day = organisation.settings.day(setting)
        if day:
            locks[field] = wire_day(day)["Date"]
    version = {"GB": "UK", "AU": "AU"}.get(organisation.country, "US")
    return {
        "OrganisationID": TENANT,
        "Name": organisation.name,
        "LegalName": organisation.name,
        "PaysTax": True,
        "Version": version,
        "OrganisationType": "COMPANY",
        "OrganisationEntityType": "COMPANY",
        "BaseCurrency": organisation.currency,
        "CountryCode": organisation.country,
        "IsDemoCompany": False,
        "OrganisationStatus": "ACTIVE",
        "FinancialYearEndDay": 31,
        "FinancialYearEndMonth": 12,
        "Timezone": _TIMEZONES.get(organisation.country, "UTC"),
        "ShortCode": "!hbrC1",
        "Edition": "BUSINESS",
        "Class": "PREMIUM",
        "SalesTaxBasis": organisation.settings.word("sales_tax_basis"),
        **locks,
    }


def actions_body(organisation: Organisation) -> Body:
    """What whoever gave consent may do; `denied_actions` names, with commas, what not."""
    denied = organisation.settings.word("denied_actions").split(",")
    return {"Actions": [{"Name": name, "Status": "NOT-ALLOWED" if name in denied else "ALLOWED"} for name in _ACTIONS]}
