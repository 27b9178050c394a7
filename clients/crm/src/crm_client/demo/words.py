"""The words the sample company is made of; all of them invented here."""

FIRST_NAMES = """
    Alba Amira Anders Anouk Arne Astrid Bastian Beatriz Bram Carla Cem Chiara Clemens Dagny
    Dario Delia Edda Elias Elin Emre Enzo Esther Fabian Farah Fiona Florian Frida Gesa
    Gideon Greta Hanna Henrik Hugo Ida Ilse Imran Ines Ivo Jana Jasper Joana Jonas Judith
    Kai Katja Kasimir Lara Leif Leonie Linus Lotte Luca Maite Malte Mara Matteo Mila Milan
    Nadia Nils Noor Olaf Oskar Paula Pelle Petra Quirin Rafael Ronja Rosa Ruben Sanne Selma
    Silas Sofia Sven Tamara Thea Tilda Tomas Ulrike Valeria Vera Viktor Wanda Wim Yara Yusuf
    Zoe
""".split()  # noqa: SIM905 - a list this long reads best as text
LAST_NAMES = """
    Ahlberg Albrecht Amsel Andrade Arslan Baeck Barros Bergmann Birnbaum Boelke Bosch Brandt
    Brinkmann Caspari Castello Clasen Coppola Dahl Demir Dietz Drescher Eberle Ekström
    Engels Fabbri Falkenrath Ferreira Fink Forsberg Gallo Geiger Gerlach Greve Haller
    Hansson Harms Hellwig Holm Ibsen Jansen Jovic Kaiser Kaplan Keller Kirsch Klausen Kowal
    Krüger Lindqvist Lorenz Maas Marchetti Martens Meinhard Moreno Nagel Novak Nyberg Oberle
    Oliveira Ostrowski Papadakis Paulsen Pereira Quandt Rasch Reinhold Ricci Roth Saar
    Santoro Schilling Seidel Sörensen Stark Tavares Thiel Timmer Ulrich Vermeer Vogt Wagner
    Weidner Winkler Yilmaz Zander
""".split()  # noqa: SIM905 - a list this long reads best as text
PLACES = """
    Alder Amber Arden Aspen Birch Blackmoor Bluebrook Bremer Bright Cedar Clearwater Copper
    Dunmore Eastgate Elbe Fairhaven Fenwick Fjord Fox Granite Greenfield Harbour Hartmann
    Hazel Holt Iron Juniper Kestrel Kingfisher Lakeside Linden Lindqvist Marlow Meridian
    Northgate Nordhafen Oak Orchard Osprey Pinewood Quarry Redstone Ridge Rowan Sable Silver
    Solent Sturmfels Summit Tarn Thistle Umber Valley Vesper Westhafen Willow Winterfeld
    Wren
""".split()  # noqa: SIM905 - a list this long reads best as text
TRADES: dict[str, tuple[str, ...]] = {
    "Logistics": ("Logistics", "Freight", "Forwarding"),
    "Food": ("Foods", "Bakeries", "Dairy"),
    "Manufacturing": ("Precision", "Tools", "Castings", "Plastics"),
    "Retail": ("Outfitters", "Markets", "Home"),
    "Health": ("Clinics", "Pharma", "Medical"),
    "Construction": ("Timber", "Build", "Interiors"),
    "Energy": ("Solar", "Heating", "Grid"),
    "Hospitality": ("Hotels", "Resorts"),
}
LEGAL_FORMS = ("GmbH", "AG", "Ltd", "BV", "AB", "SARL", "KG", "Group", "& Sons")
SIZES = ("1-10", "11-50", "51-200", "201-1000", "1001-5000")
JOBS = {
    "Operations": ("Head of Operations", "Warehouse Manager", "Shift Lead", "Plant Manager"),
    "IT": ("IT Director", "Systems Administrator", "Integration Engineer"),
    "Purchasing": ("Head of Purchasing", "Senior Buyer", "Procurement Officer"),
    "Finance": ("Chief Financial Officer", "Controller", "Accounts Payable Lead"),
    "Management": ("Managing Director", "Chief Operating Officer", "Founder"),
}
PRODUCTS = {  # what we sell: name, usual price
    "Warehouse suite": 48_000, "Scanner fleet": 21_500, "Inventory audit": 6_400,
    "Route planning pilot": 9_800, "Cold chain monitoring": 32_000, "ERP integration": 14_500,
    "Second site rollout": 61_000, "Training days": 3_600, "Dock scheduling": 17_200,
}  # fmt: skip
RENEWALS = {
    "Support contract": 7_200, "Licence renewal": 18_900, "Extended warranty": 4_300,
    "Seats extension": 5_800,
}  # fmt: skip
LOST_REASONS = (
    "Price: another bid was a fifth lower", "Project postponed to next year",
    "Chose to build it themselves", "No answer after the proposal",
    "Missing an interface to their ERP", "Budget went to another department",
)  # fmt: skip
NEXT_STEPS = (
    "Send the revised proposal", "Agree on a date for the site visit", "Wait for legal's comments",
    "Demo for the shift leads", "Call back after their board meeting", "Collect the scanner counts",
)  # fmt: skip
LEAD_SOURCES = ("website", "trade fair", "referral", "webinar", "newsletter")
DISQUALIFIED = ("Too small for us", "Student research", "Not reachable", "Competitor")
TASKS = (
    "Send the price list", "Prepare the quarterly review", "Check open invoices before the call",
    "Book the training room", "Ask for a reference", "Update the floor plan", "Plan the go-live",
    "Introduce the new account lead", "Return the loan scanners",
)  # fmt: skip
NOTES = (
    "Prefers calls before ten; the afternoons are on the shop floor.",
    "Moves to a second building in autumn; wants dock scheduling there from day one.",
    "Decides together with the controller. Anything above 25,000 needs the board.",
    "Met at the trade fair: liked the handheld with the large keys, asked for gloves mode.",
    "Their ERP is replaced next year. Offer the integration only after that.",
    "Very happy with onboarding. Would speak at our user day.",
    "Had a bad start with the old scanners; mention the replacement programme first.",
)  # fmt: skip
CALLS = (
    ("Intro call", "Walked through their receiving area; three sites, paper lists at two."),
    ("Call about the proposal", "Questions about licence counts and the support hours."),
    ("Check-in call", "All stable. They would like monthly figures by mail."),
    ("Call about the go-live", "Date holds. Two shift leads join the training."),
)
MEETINGS = (
    ("Site visit", "Measured the dock area and counted gates; sketches are in the folder."),
    ("Quarterly review", "Picking errors down by a third. They want to add the second shift."),
    ("Product demo", "Showed wave picking and the returns station; four people attended."),
)
MAILS = (
    ("Proposal sent", "Sent the proposal with two options and the rollout plan."),
    ("Questions about security", "Sent the data processing agreement and the hosting overview."),
    ("Thank you", "They thanked the team for the quick replacement of the docking stations."),
)
