"""Users of the seeded company: the acting user and the employees."""

from __future__ import annotations

from airflow_provider_seventime.sandbox.company.seeding import ACTING_USER_ID, Seeding, personal_number
from airflow_provider_seventime.sandbox.company.settings import FOUNDED_DAYS_AGO

API_ROLE, ADMIN_ROLE, LEADER_ROLE, WORKER_ROLE = 30, 30, 20, 10
BUILDING, ELECTRICITY, OFFICE = "Bygg", "El", "Kontor"
HOT, HIGH, AUTHORIZED = "Heta arbeten", "Arbete på hög höjd", "Elinstallatör, auktorisation A"
# First name, last name, days since employment, role, department, skills.
EMPLOYEES = (
    ("Maria", "Norrby", 2000, ADMIN_ROLE, OFFICE, ()),
    ("Åke", "Sjöström", 1900, LEADER_ROLE, ELECTRICITY, (AUTHORIZED, HIGH)),
    ("Göran", "Hällgren", 1750, WORKER_ROLE, BUILDING, (HOT,)),
    ("Ayşe", "Demir", 1400, WORKER_ROLE, ELECTRICITY, (AUTHORIZED, HIGH)),
    ("Östen", "Lindqvist", 1100, WORKER_ROLE, BUILDING, (HOT, HIGH)),
    ("Linnéa", "Åström", 800, WORKER_ROLE, ELECTRICITY, ()),
    ("Jonas", "Bergfält", 520, WORKER_ROLE, ELECTRICITY, (HIGH,)),
    ("Søren", "Møller", 260, WORKER_ROLE, BUILDING, ()),
)
FOLDED = str.maketrans("åäöéøşÅÄÖ", "aaoeosaao")


def make_users(seeding: Seeding) -> None:
    """Create the acting user and the employees."""
    seeding.add(
        "users",
        seeding.instant(seeding.days_ago(FOUNDED_DAYS_AGO)),
        {
            "firstName": "API",
            "lastName": "Integration",
            "userName": "api",
            "email": "api@norrby.example",
            "userRoleId": API_ROLE,
            "isActive": True,
            "isActivated": True,
        },
        ACTING_USER_ID,
    )
    random = seeding.random("people")
    for number, (first, last, days, role, department, skills) in enumerate(EMPLOYEES, start=1):
        login = f"{first}.{last}".lower().translate(FOLDED)
        seeding.add(
            "users",
            seeding.instant(seeding.days_ago(days)),
            {
                "firstName": first,
                "lastName": last,
                "userName": login,
                "email": f"{login}@norrby.example",
                "employeeNumber": str(number),
                "personalNumber": personal_number(random),
                "cellPhone": f"070-174 06 {number + 4:02d}",  # Swedish numbers reserved for film and fiction
                "userRoleId": role,
                "department": seeding.id_of("departments", department),
                "defaultSalaryType": seeding.id_of("defaultSalaryTypes", "Timlön"),
                "userSkills": [seeding.id_of("userSkills", skill) for skill in skills],
                "isActive": True,
                "isActivated": True,
            },
        )


def workers(seeding: Seeding) -> list[str]:
    """Return the ids of the users who report time."""
    return [user["_id"] for user in seeding.records("users") if user["employeeNumber"]]
