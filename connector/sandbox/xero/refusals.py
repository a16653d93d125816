"""How Xero says no: validation errors on an element, or one problem with the whole call."""

from connector.sandbox.body import Body
from connector.sandbox.calls import Answer


class Invalid(Exception):
    """The document cannot be accepted, for one or several reasons; nothing of it was written."""

    def __init__(self, *messages: str) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages

    def element(self, sent: Body) -> Body:
        """What was sent, with the reasons, as it goes into a batch answer or into Elements."""
        errors: list[Body] = [{"Message": message} for message in self.messages]
        return {**sent, "HasErrors": True, "StatusAttributeString": "ERROR", "ValidationErrors": errors}


class Malformed(Exception):
    """The call as a whole makes no sense: wrong type, wrong enumeration, unknown filter."""

    def __init__(self, message: str, *, number: int = 14, kind: str = "PostDataInvalidException") -> None:
        super().__init__(message)
        self.answer = Answer(status=400, body={"ErrorNumber": number, "Type": kind, "Message": message})


def not_found() -> Answer:
    """No such document."""
    return Answer(status=404, body=b"The resource you're looking for cannot be found")


def validation_failed(elements: list[Body]) -> Answer:
    """The answer to a call that carried invalid elements and did not ask for errors one by one."""
    return Answer(
        status=400,
        body={
            "ErrorNumber": 10,
            "Type": "ValidationException",
            "Message": "A validation exception occurred",
            "Elements": elements,
        },
    )
