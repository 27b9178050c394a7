"""What customers write to support, and what is answered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scenario:
    """A ticket's subject, kind, opening, answer, the customer's reply, how it ended, a note."""

    subject: str
    kind: str
    opening: str
    answer: str
    reply: str
    ending: str
    note: str | None = None


SCENARIOS = (
    Scenario("Scanner {n} does not charge", "incident",
             "Since this morning scanner {n} stays dark in its dock. The others are fine.",
             "Thank you for writing. Please clean the contacts with the cloth in the box and leave "
             "it in dock 1 for ten minutes. Does the light come on?",
             "It blinks red twice, then nothing.",
             "Two red blinks mean the battery has failed. A replacement leaves us today.",
             "Third battery of this delivery; tell purchasing."),
    Scenario("Stock differs from the ERP", "problem",
             "Article {n} shows 40 pieces in the warehouse suite and 52 in the ERP.",
             "We see twelve pieces waiting in the returns station since Friday. Were they booked?",
             "No, the colleague was away. How do we book them now?",
             "Open Returns, choose the delivery and press Accept. We did it with you on the phone."),
    Scenario("How do we add a shift lead?", "question",
             "We have a new shift lead who should see all three zones. Where do we set that?",
             "Under People, open the person and add the zones. The change counts at next sign-in.",
             "Found it, thank you!", "Glad it works."),
    Scenario("Labels print too light", "incident",
             "Printer {n} prints so light that the gate does not read the labels.",
             "Please set the darkness to 12 under Printers and print a test label.",
             "Better, but the left edge is still pale.",
             "Then the print head wants cleaning. Instructions are attached; it took care of it."),
    Scenario("Interface stopped at night", "incident",
             "No orders came in after 02:00. The first picking wave was empty.",
             "The certificate of your ERP expired at 02:00. Can your IT renew it?",
             "IT has renewed it.", "Orders flow again; all {n} of the night are in.",
             "Offer certificate monitoring at the next review."),
    Scenario("Invoice {n}: wrong cost centre", "request",
             "Please change the cost centre on invoice {n} to 4410.",
             "We have passed it to accounting; you get a corrected invoice by tomorrow.",
             "Received, thanks.", "Closed with the corrected invoice."),
    Scenario("Training for the night shift", "request",
             "Could you repeat the training for our night shift? Six people.",
             "Gladly. Would the week after next suit, two evenings from 20:00?",
             "Tuesday and Wednesday, please.", "Booked for Tuesday and Wednesday, room 2."),
    Scenario("Picking list sorts the wrong way", "problem",
             "Since the update the list starts with the farthest aisle.",
             "The update reads the aisle order from the floor plan. Yours is from before the move. "
             "May we upload the new one?",
             "Yes please, the plan of March is right.", "Uploaded; wave {n} was sorted right."),
    Scenario("Delivered with a cracked screen", "complaint",
             "One of the new handhelds arrived with a crack across the screen. Very annoying.",
             "We are sorry. A new one is on its way; please put the cracked one in its box.",
             "It arrived. The courier took the other one along.", "Replaced, nothing to pay."),
    Scenario("Export of movements for the auditors", "question",
             "Our auditors want all stock movements of last year. Can we export that?",
             "Yes: Reports, Movements, choose the year, then CSV. It takes some minutes.",
             "Got it: {n} thousand rows.", "Good luck with the audit."),
    Scenario("Sign-in asks for a code twice", "incident",
             "Since yesterday sign-in asks for the code, and then again for another one.",
             "The clock of your terminal is four minutes off. Please switch on time sync.",
             "That was it.", "Solved by setting the clock."),
    Scenario("Gate {n} does not open for returns", "incident",
             "Gate {n} stays shut when a return is scanned. We lift it by hand.",
             "The gate's rule knew only outgoing goods. We have added returns.",
             "Opens now.", "Rule extended, tested with three returns.",
             "Their layout has two more gates like this."),
)  # fmt: skip
