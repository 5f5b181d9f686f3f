/** The company behind every simulated account: it builds robots that inspect and mend harbours. Invented throughout. */
export const COMPANY = { name: "Tidewater Robotics", domain: "tidewater-robotics.example" } as const;

export type Team = "Platform" | "Data" | "Fleet Software" | "Perception" | "Product" | "Operations";

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly team: Team;
  /** `YYYY-MM-DD`, first day. */
  readonly joined: string;
  /** `YYYY-MM-DD`, first day no longer there. */
  readonly left?: string;
}

export const PEOPLE: readonly Person[] = [
  ...team(
    "Platform",
    ["Ines Halvorsen", "2023-02-01"],
    ["Tomasz Brenk", "2023-05-15"],
    ["Adaeze Okoro", "2024-01-08"],
    ["Luca Ferrandi", "2024-09-02"],
    ["Mirja Koskela", "2025-03-03"],
    ["Dylan Achterberg", "2025-08-18"],
    ["Suki Tanemura", "2026-02-02"],
  ),
  ...team(
    "Data",
    ["Rafael Quintas", "2023-04-03"],
    ["Hanna Lindqvist", "2023-11-13"],
    ["Omar Benhaddou", "2024-06-03"],
    ["Priya Raghunath", "2025-01-13"],
    ["Zofia Walczak", "2025-10-06"],
    ["Ewan Carstairs", "2024-03-04", "2026-05-01"],
  ),
  ...team(
    "Fleet Software",
    ["Noor van Dalen", "2023-01-09"],
    ["Kwame Asante-Boadi", "2023-06-12"],
    ["Yuki Morishige", "2023-09-04"],
    ["Clara Duvernay", "2024-02-05"],
    ["Andrei Munteanu", "2024-04-15"],
    ["Beatriz Salgueiro", "2024-11-04"],
    ["Jonas Ebersbach", "2025-02-17"],
    ["Thandiwe Mokoena", "2025-06-02"],
    ["Eirik Sandnes", "2025-09-15"],
    ["Paloma Iriarte", "2026-04-07"],
    ["Viktor Hollosi", "2023-10-02", "2025-12-01"],
  ),
  ...team(
    "Perception",
    ["Wei-Lin Chao", "2023-03-06"],
    ["Saoirse Devane", "2023-08-07"],
    ["Mateo Villarroel", "2024-05-06"],
    ["Aylin Karadeniz", "2024-10-14"],
    ["Henrik Stavang", "2025-05-05"],
    ["Leilani Kahananui", "2025-11-03"],
    ["Pavel Drozdik", "2026-06-01"],
    ["Gwen Tregarthen", "2024-01-22", "2026-08-15"],
  ),
  ...team(
    "Product",
    ["Fiona Abercairn", "2023-02-20"],
    ["Samir Qureshi-Lane", "2024-03-18"],
    ["Elodie Marchetti", "2024-08-05"],
    ["Bo Rasmusgaard", "2025-07-07"],
    ["Chiamaka Eze-Lund", "2026-01-12"],
  ),
  ...team(
    "Operations",
    ["Marguerite Sollier", "2023-01-09"],
    ["Dario Pellicane", "2023-12-04"],
    ["Agnes Tveit", "2025-04-14"],
    ["Rory Mackendrick", "2024-07-01", "2025-11-15"],
  ),
];

export function employedOn(day: string): readonly Person[] {
  return PEOPLE.filter((person) => person.joined <= day && (person.left === undefined || day < person.left));
}

function team(name: Team, ...members: readonly (readonly [name: string, joined: string, left?: string])[]): Person[] {
  return members.map(([person, joined, left]) => ({
    name: person,
    email: `${person.toLowerCase().replaceAll(" ", ".")}@${COMPANY.domain}`,
    team: name,
    joined,
    ...(left === undefined ? {} : { left }),
  }));
}
