"""A Lightspeed till: what is rung up becomes sales whose every header amount follows from its lines and payments."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from connector.sandbox.body import Body, text
from connector.sandbox.lightspeed_goods import Occasion, Pay, Place, Sold, stamp, trimmed
from connector.sandbox.shelf import Shelf

NOTHING = Decimal(0)
KINDS = (
    "account", "shop", "register", "category", "item", "payment-type", "tax-category", "sale", "register-count",
    "register-withdraw", "processing-fee",
)  # fmt: skip
"""What the shelf holds of a Lightspeed account; a kind is kept as `lightspeed-KIND`."""


class Till:
    """One register. Ids are running numbers, so the same acts give the same ids."""

    def __init__(self, shelf: Shelf, place: Place) -> None:
        self._shelf = shelf
        self._place = place

    def sell(self, sold: Sequence[Sold], pays: Sequence[Pay], on: Occasion) -> str:
        """A sale with its payments; what comes back is a sale of fewer than none. The sale's id.

        Raises ValueError where the payments do not pay it."""
        sale_id = str(self._shelf.next_number("lightspeed-sale"))
        lines = [self._line(each, sale_id, on) for each in sold]
        header = self._header(lines)
        payments = self._payments(pays, _number(header, "total"), sale_id, on)
        body = self._frame(sale_id, on) | header | _settled(header, payments)
        body |= {"SaleLines": lines, "SalePayments": payments}
        self._shelf.put("lightspeed-sale", sale_id, body)
        return sale_id

    def close(self, at: datetime, opened_at: datetime, counts: Sequence[tuple[str, str, str]]) -> None:
        """The drawer closed: payment type, what should have been there, and what was."""
        count_id = str(self._shelf.next_number("lightspeed-register-count"))
        amounts: list[Body] = [
            {
                "registerCountAmountID": f"{count_id}{n}",
                "calculated": calculated,
                "actual": actual,
                "registerCountID": count_id,
                "paymentTypeID": type_id,
                "PaymentType": self._payment_type(type_id),
            }
            for n, (type_id, calculated, actual) in enumerate(counts)
        ]
        body: Body = {
            "registerCountID": count_id,
            "createTime": stamp(at),
            "openTime": stamp(opened_at),
            "notes": "",
            "registerID": self._place.register_id,
            "openEmployeeID": "1",
            "closeEmployeeID": "1",
            "RegisterCountAmounts": amounts,
        }
        self._shelf.put("lightspeed-register-count", count_id, body)

    def move_cash(self, at: datetime, amount: str, note: str) -> None:
        """Cash put into the drawer (the opening float too), or taken out of it where the amount is negative."""
        withdraw_id = str(self._shelf.next_number("lightspeed-register-withdraw"))
        body: Body = {
            "registerWithdrawID": withdraw_id,
            "amount": amount,
            "createTime": stamp(at),
            "notes": note,
            "employeeID": "1",
            "paymentTypeID": "1",
            "registerID": self._place.register_id,
            "PaymentType": self._payment_type("1"),
        }
        self._shelf.put("lightspeed-register-withdraw", withdraw_id, body)

    def charge_fees(self, sale_id: str, at: datetime) -> None:
        """The processor's fee of each card payment of a sale, known a day after it."""
        sale = self._shelf.get("lightspeed-sale", sale_id) or {}
        payments = sale.get("SalePayments")
        for payment in payments if isinstance(payments, list) else []:
            if payment["paymentTypeID"] == "3" and _number(payment, "amount") > 0:
                fee_id = str(self._shelf.next_number("lightspeed-processing-fee"))
                self._shelf.put("lightspeed-processing-fee", fee_id, _fee(fee_id, payment, at))

    def _line(self, sold: Sold, sale_id: str, on: Occasion) -> Body:
        product, tax = sold.product, self._place.tax
        subtotal = sold.quantity * Decimal(product.price)
        discount = Decimal(sold.discount)
        taxes = self._taxes(subtotal - discount) if product.taxed else (NOTHING, NOTHING)
        inside = tax["isTaxInclusive"] == "true"
        line_id = str(self._shelf.next_number("lightspeed-sale-line"))
        body: Body = {
            "saleLineID": line_id,
            "createTime": stamp(on.at),
            "timeStamp": stamp(on.at),
            "unitQuantity": str(sold.quantity),
            "unitPrice": product.price,
            "normalUnitPrice": "0",
            "discountAmount": trimmed(discount),
            "discountPercent": "0",
            "avgCost": product.cost,
            "fifoCost": product.cost,
            "tax": "true" if product.taxed else "false",
            "tax1Rate": text(tax, "tax1Rate") if product.taxed else "0",
            "tax2Rate": text(tax, "tax2Rate") if product.taxed else "0",
            "isLayaway": "false",
            "isWorkorder": "false",
            "isSpecialOrder": "false",
            "displayableSubtotal": trimmed(subtotal - discount),
            "displayableUnitPrice": product.price,
            "calcLineDiscount": trimmed(discount),
            "calcTransactionDiscount": "0",
            "calcTotal": trimmed(subtotal - discount + (NOTHING if inside else sum(taxes, NOTHING))),
            "calcSubtotal": trimmed(subtotal),
            "calcTax1": trimmed(taxes[0]),
            "calcTax2": trimmed(taxes[1]),
            "taxClassID": "1",
            "customerID": on.customer_id,
            "discountID": "0",
            "employeeID": "1",
            "itemID": product.item_id,
            "noteID": "0",
            "parentSaleLineID": "0",
            "shopID": self._place.shop_id,
            "saleID": sale_id,
        }
        if product.fee_id != "0":
            body |= {"itemFeeID": product.fee_id, "lineType": "item_fee" if sold.quantity > 0 else "item_fee_refund"}
        if product.item_id != "0":
            item: Body = {"itemID": product.item_id, "description": product.name, "categoryID": product.category_id}
            body["Item"] = item | {"defaultCost": product.cost, "avgCost": product.cost, "archived": "false"}
        return body

    def _taxes(self, net: Decimal) -> tuple[Decimal, Decimal]:
        first, second = (Decimal(text(self._place.tax, name)) for name in ("tax1Rate", "tax2Rate"))
        if self._place.tax["isTaxInclusive"] == "true":
            exact = net * first / (1 + first + second), net * second / (1 + first + second)
            return exact[0].quantize(Decimal("0.0000001")), exact[1].quantize(Decimal("0.0000001"))
        return net * first, net * second

    def _header(self, lines: Sequence[Body]) -> Body:
        """Sums of the lines; each tax is rounded once for the whole sale."""
        subtotal, discount = _sum(lines, "calcSubtotal"), _sum(lines, "calcLineDiscount")
        taxes = [self._place.rounded(_sum(lines, name)) for name in ("calcTax1", "calcTax2")]
        inside = self._place.tax["isTaxInclusive"] == "true"
        total = subtotal - discount + (NOTHING if inside else sum(taxes, NOTHING))
        taxed = sum((_number(line, "calcSubtotal") for line in lines if line["tax"] == "true"), NOTHING)
        costs = sum((_number(line, "unitQuantity") * _number(line, "avgCost") for line in lines), NOTHING)
        amounts = {
            "calcDiscount": discount, "calcSubtotal": subtotal, "calcTotal": total, "calcTaxable": taxed,
            "calcNonTaxable": subtotal - taxed, "calcAvgCost": costs, "calcFIFOCost": costs, "calcTax1": taxes[0],
            "calcTax2": taxes[1], "taxTotal": sum(taxes, NOTHING), "total": total,
            "displayableSubtotal": subtotal - discount,
        }  # fmt: skip
        return {name: trimmed(amount) for name, amount in amounts.items()}

    def _payments(self, pays: Sequence[Pay], total: Decimal, sale_id: str, on: Occasion) -> list[Body]:
        valid = [pay for pay in pays if not pay.archived]
        left = total - sum((Decimal(pay.amount) for pay in valid if pay.amount is not None), NOTHING)
        if on.completed and left and all(pay.amount is not None for pay in valid):
            raise ValueError(f"sale {sale_id} is short of {left}")
        return [self._payment(pay, left, sale_id, on) for pay in pays]

    def _payment(self, pay: Pay, left: Decimal, sale_id: str, on: Occasion) -> Body:
        payment_id = str(self._shelf.next_number("lightspeed-sale-payment"))
        amount = left if pay.amount is None else Decimal(pay.amount)
        body: Body = {
            "salePaymentID": payment_id,
            "amount": trimmed(amount + Decimal(pay.tip)),
            "tipAmount": pay.tip,
            "createTime": stamp(on.at),
            "archived": "true" if pay.archived else "false",
            "remoteReference": "",
            "paymentID": "",
            "saleID": sale_id,
            "paymentTypeID": pay.type_id,
            "ccChargeID": "0",
            "refPaymentID": "0",
            "registerID": self._place.register_id,
            "employeeID": "1",
            "creditAccountID": pay.account_id,
            "PaymentType": self._payment_type(pay.type_id),
        }
        if pay.type_id == "5" and amount < 0:
            body["SaleAccounts"] = [{"creditAccountID": pay.account_id, "salePaymentID": payment_id, "saleLineID": "0"}]
        return body

    def _frame(self, sale_id: str, on: Occasion) -> Body:
        touched = on.touched_at or on.at
        body: Body = {
            "saleID": sale_id,
            "timeStamp": stamp(on.at),
            "discountPercent": "0",
            "completed": "true" if on.completed else "false",
            "archived": "false",
            "voided": "true" if on.voided else "false",
            "enablePromotions": "true",
            "isTaxInclusive": text(self._place.tax, "isTaxInclusive"),
            "createTime": stamp(on.at - timedelta(minutes=4)),
            "updatetime": stamp(touched),
            "referenceNumber": "",
            "referenceNumberSource": "",
            "tax1Rate": text(self._place.tax, "tax1Rate"),
            "tax2Rate": text(self._place.tax, "tax2Rate"),
            "change": on.tendered,
            "tipEnabled": "true",
            "receiptPreference": "printed",
            "ticketNumber": f"2200{int(sale_id):08d}",
            "customerID": on.customer_id,
            "discountID": "0",
            "employeeID": "1",
            "quoteID": "0",
            "registerID": self._place.register_id,
            "shipToID": "0",
            "shopID": self._place.shop_id,
            "taxCategoryID": text(self._place.tax, "taxCategoryID"),
            "TaxCategory": self._place.tax,
        }
        if on.completed:
            body["completeTime"] = stamp(on.at)
        customer = self._shelf.get("lightspeed-customer", on.customer_id)
        return body | ({"Customer": customer} if customer else {})

    def _payment_type(self, type_id: str) -> Body:
        return self._shelf.get("lightspeed-payment-type", type_id) or {}


def _settled(header: Body, payments: Sequence[Body]) -> Body:
    """What the header says of the payments; cards loaded and deposits taken stand above the total."""
    valid = [payment for payment in payments if payment["archived"] == "false"]
    paid, tips = _sum(valid, "amount"), _sum(valid, "tipAmount")
    loaded = -sum(
        (_number(payment, "amount") for payment in valid if payment["paymentTypeID"] in ("4", "5")
         and _number(payment, "amount") < 0), NOTHING,
    )  # fmt: skip
    total = _number(header, "total")
    return {
        "calcPayments": trimmed(paid),
        "calcTips": trimmed(tips),
        "totalDue": trimmed(total + (loaded if total >= 0 else NOTHING)),
        "displayableTotal": trimmed(total + (loaded if total >= 0 else NOTHING)),
        "balance": trimmed(total + tips - paid),
    }


def _fee(fee_id: str, payment: Body, at: datetime) -> Body:
    amount = _number(payment, "amount")
    return {
        "salePaymentProcessingFeeID": fee_id,
        "salePaymentID": text(payment, "salePaymentID"),
        "processingFeeRef": f"st-ch_{fee_id}",
        "processor": "STRIPE",
        "amount": trimmed(amount),
        "fixedFee": "0.1",
        "variableFee": trimmed((amount * Decimal("0.026")).quantize(Decimal("0.01"), ROUND_HALF_UP)),
        "variablePercent": "2.6",
        "interchangeFeesFixedFee": "0",
        "interchangeFeesVariableFee": "0",
        "interchangeFeesVariablePercent": "0",
        "schemeFeesFixedFee": "0",
        "schemeFeesVariableFee": "0",
        "schemeFeesVariablePercent": "0",
        "processingTime": stamp(at),
        "createTime": stamp(at + timedelta(hours=20)),
        "updateTime": stamp(at + timedelta(hours=20)),
    }


def _sum(bodies: Sequence[Body], name: str) -> Decimal:
    return sum((_number(body, name) for body in bodies), NOTHING)


def _number(body: Body, name: str) -> Decimal:
    return Decimal(text(body, name) or "0")
