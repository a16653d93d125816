"""A large settlement report: the plain loop that anybody would write, and the product's reader."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

from connector.domain.facts import Fact
from connector.sources.amazon.source import SOURCE

ROWS = 1_000_000
ROUNDS = 5
GOAL_RATIO = 1.5
GOAL_MIB = 96

_HEADER = """settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency
transaction-type order-id merchant-order-id adjustment-id shipment-id marketplace-name amount-type amount-description
amount fulfillment-id posted-date posted-date-time order-item-code merchant-order-item-id merchant-adjustment-item-id
sku quantity-purchased promotion-id"""
_PRICES = ("Principal", "Tax", "Shipping", "ShippingTax", "GiftWrap", "GiftWrapTax")
_FEES = """Commission FBAPerUnitFulfillmentFee FBAPerOrderFulfillmentFee FBAWeightBasedFee VariableClosingFee
GiftwrapChargeback SalesTaxServiceFee ShippingChargeback ShippingHB DigitalServicesFee"""
_OTHERS = ("Subscription Fee", "Storage Fee", "RemovalComplete")
_KINDS = [
    *(("Order", "ItemPrice", text) for text in _PRICES),
    *(("Order", "ItemFees", text) for text in _FEES.split()),
    *(("Order", "ItemWithheldTax", f"MarketplaceFacilitatorTax-{text}") for text in ("Principal", "Shipping", "Other")),
    *(("Order", "Promotion", text) for text in ("Principal", "Shipping", "TaxDiscount")),
    *(("Refund", "ItemPrice", text) for text in ("Principal", "Tax", "Shipping", "ShippingTax", "Goodwill")),
    *(("Refund", "ItemFees", text) for text in ("Commission", "RefundCommission", "DigitalServicesFee")),
    *(("Refund", "Promotion", text) for text in ("Principal", "Shipping")),
    *(("FBAFees", "FBA Inventory Storage Fee", text) for text in ("Base fee", "Tax on fee")),
    *(("other-transaction", "FBA Inventory Reimbursement", f"WAREHOUSE_{text}") for text in ("LOST", "DAMAGE")),
    *(("other-transaction", "other-transaction", text) for text in _OTHERS),
    ("ServiceFee", "Cost of Advertising", "TransactionTotalAmount"),
    ("CouponRedemptionFee", "CouponRedemptionFee", "Save 10 % in spring"),
    ("AmazonFees", "Vine Enrollment Fee", "Base fee"),
    ("SAFE-T Reimbursement", "other-transaction", "SAFE-T Reimbursement"),
]  # fmt: skip


def main() -> None:
    """Prints the figures; both readers run in turn, so that a busy machine slows them alike."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "settlement.txt"
        write_report(path, ROWS)
        plain, product = [], []
        for _ in range(ROUNDS):
            plain.append(_seconds(add_up_plainly, path))
            product.append(_seconds(read, path))
        ratio = statistics.median(product) / statistics.median(plain)
        size = path.stat().st_size / 1e6
        print(f"settlement report of {ROWS:,} rows and {len(_KINDS)} kinds, {size:.0f} MB, median of {ROUNDS} rounds")
        print(f"  plain loop      {statistics.median(plain):6.2f} s")
        print(f"  product's read  {statistics.median(product):6.2f} s")
        print(f"  ratio           {ratio:6.2f}    goal at most {GOAL_RATIO}")
        print(f"  peak memory     {_peak_mib_of_reading(path):6.1f} MiB  goal below {GOAL_MIB}")


def write_report(path: Path, rows: int) -> None:
    """Writes a flat file V2 of so many detail rows, the same every time, whose amounts add up to its total."""
    details = list(_details(rows))
    total = sum(cents for cents, _ in details)
    summary = ["90000000001", "2026-04-18 21:00:00 UTC", "2026-05-02 21:00:00 UTC", "2026-05-04 21:00:00 UTC"]
    with path.open("w", encoding="ascii", newline="") as file:
        file.write("\t".join(_HEADER.split()) + "\n")
        file.write("\t".join([*summary, _decimal(total), "USD"]) + "\t" * 18 + "\n")
        file.writelines(row for _, row in details)


def _details(rows: int) -> Iterator[tuple[int, str]]:
    chance = random.Random(20260418)
    for number in range(rows):
        transaction, amount_type, text = _KINDS[chance.randrange(len(_KINDS))]
        cents = chance.randrange(1, 20_000) * (1 if amount_type == "ItemPrice" and transaction == "Order" else -1)
        day, clock = chance.randrange(14), chance.randrange(86_400)
        date = f"2026-04-{18 + day}" if day < 13 else "2026-05-01"
        time = f"{clock // 3600:02}:{clock // 60 % 60:02}:{clock % 60:02}"
        order = f"111-{number // 6:07}-{chance.randrange(10**7):07}"
        cells = ["90000000001", "", "", "", "", "", transaction, order, order, "", f"B{number // 6:09}", "Amazon.com"]
        cells += [amount_type, text, _decimal(cents), "AFN", date, f"{date} {time} UTC", f"{10**13 + number}", "", ""]
        cells += [f"SKU-{chance.randrange(5_000):05}", "1" if text == "Principal" else "", ""]
        yield cents, "\t".join(cells) + "\n"


def _decimal(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def add_up_plainly(path: Path) -> tuple[dict[tuple[bytes, ...], int], list[int], bytearray]:
    """Splits each row, sums by triple and month, and notes for each row its sum; checks and decides nothing."""
    numbers: dict[tuple[bytes, ...], int] = {}
    sums: list[int] = []
    vector = bytearray()
    with path.open("rb") as file:
        next(file)
        next(file)
        for line in file:
            cells = line.split(b"\t", 18)
            key = (cells[6], cells[12], cells[13], cells[17][:7])
            number = numbers.get(key)
            if number is None:
                number = numbers[key] = len(sums)
                sums.append(0)
            sums[number] += int(cells[14].replace(b".", b""))
            vector.append(number)
    return numbers, sums, vector


def read(path: Path) -> Fact:
    """The product's reader."""
    if SOURCE.file is None:
        raise TypeError("this source reads no files")
    with path.open("rb") as stream:
        return SOURCE.file.read(stream, "")


def _seconds(work: Callable[[Path], object], path: Path) -> float:
    start = perf_counter()
    work(path)
    return perf_counter() - start


def _peak_mib_of_reading(path: Path) -> float:
    """The largest resident set of a process of its own that does nothing but read the report."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.settlement", str(path)], check=True, capture_output=True, text=True
    )
    return int(done.stdout) / 1024


def _print_peak_kib(path: Path) -> None:
    fact = read(path)
    if fact.problems:
        raise SystemExit(f"the report was misread: {fact.problems[0].message}")
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")))


if __name__ == "__main__":
    _print_peak_kib(Path(sys.argv[1]))
