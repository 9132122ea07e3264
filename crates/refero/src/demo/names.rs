//! What people and blogs are called.

use super::chance::Chance;

const FIRST: [&str; 48] = [
    "Ada", "Aiko", "Alma", "Amir", "Anna", "Arjun", "Bruno", "Camille", "Carlos", "Chloe", "Dana", "Daniel",
    "Elena", "Emil", "Emma", "Felix", "Freya", "Giulia", "Hana", "Hugo", "Ines", "Ivan", "Jana", "Jonas",
    "Julia", "Kenji", "Lars", "Lea", "Leo", "Lina", "Lucas", "Mara", "Mateo", "Mei", "Mila", "Nadia", "Nils",
    "Nora", "Oscar", "Paula", "Rafael", "Rosa", "Sakura", "Simon", "Sofia", "Theo", "Yuki", "Zoe",
];

const LAST: [&str; 48] = [
    "Adler", "Bauer", "Becker", "Berg", "Bianchi", "Brandt", "Castro", "Costa", "Dahl", "Dubois", "Fischer",
    "Fontaine", "Garcia", "Hansen", "Hoffmann", "Ito", "Jensen", "Kato", "Keller", "Kowalski", "Lang",
    "Larsen", "Lopez", "Marin", "Martin", "Mendes", "Mori", "Moretti", "Nakamura", "Novak", "Olsen", "Patel",
    "Peters", "Petit", "Ricci", "Rossi", "Sato", "Schmidt", "Silva", "Sommer", "Suzuki", "Tanaka", "Turner",
    "Vogel", "Walker", "Weber", "Winter", "Young",
];

const BLOGS: [&str; 24] = [
    "Bean Notes",
    "Third Wave Weekly",
    "Slow Pour",
    "The Daily Grind",
    "Crema Hunters",
    "Flat White Files",
    "Filter Friends",
    "Home Barista",
    "Roast Report",
    "Cup by Cup",
    "Portafilter",
    "Morning Ritual",
    "Aeropress Diaries",
    "Brew Lab",
    "Latte Letters",
    "Coffee Compass",
    "Kettle & Cone",
    "Single Origin",
    "Moka Mornings",
    "Grind Size",
    "The Cupping Room",
    "Espresso Economics",
    "Beans Abroad",
    "Steam & Foam",
];

/// A person.
pub fn person(chance: &mut Chance) -> String {
    let (first, last) = (chance.pick(&FIRST).unwrap_or_default(), chance.pick(&LAST).unwrap_or_default());
    format!("{first} {last}")
}

/// A partner: a person, or the name of what they publish. The number of the partner tells namesakes apart.
pub fn partner(number: usize, chance: &mut Chance) -> String {
    match BLOGS.get(number / 4).filter(|_| number.is_multiple_of(4)) {
        Some(blog) => (*blog).to_owned(),
        None => person(chance),
    }
}

/// The name as it stands in an address or a key: `ada-berg`.
pub fn slug(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}
