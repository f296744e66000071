//! Pairs of people who look alike: for each pair one is acted on, and the other must not notice.

use std::fmt::Write;

use dsr::domain::iin;

/// One pair: the references and IINs of both.
pub struct Pair {
    pub acted: String,
    pub other: String,
    pub iin: String,
}

/// Ways in which the second looks like the first: the name as they write it, whether phone and e-mail, VIN
/// and plate are shared.
const WAYS: [(&str, &str, bool, bool); 10] = [
    ("Семёнова", "Семенова", true, false),
    ("Семёнова", "Семе\u{308}нова", true, true),
    ("Жүнісова", "Zhunisova", true, false),
    ("Ким", "Ким\u{a0}", true, true),
    ("Ли", "Лi", true, false),
    ("Романов", "Poмaнoв", true, false),
    ("Омарова", "Омарова", true, true),
    ("Қасымов", "Касымов", false, true),
    ("Ван-Дер-Берг", "Ван Дер Берг", true, false),
    ("ИВАНОВА", "иванова", false, false),
];

/// As many pairs as asked for, and the file to import them from.
pub fn pairs(count: usize) -> (Vec<Pair>, String) {
    let mut file = String::new();
    let pairs = (0..count).map(|nth| pair(nth, &mut file)).collect();
    (pairs, file)
}

fn pair(nth: usize, file: &mut String) -> Pair {
    let (name, like, phone, vin) = WAYS[nth % WAYS.len()];
    let iins = neighbours(nth);
    let pair = Pair { acted: format!("P-{nth}"), other: format!("Q-{nth}"), iin: iins[0].clone() };
    for (reference, iin, name, own) in [(&pair.acted, &iins[0], name, 0), (&pair.other, &iins[1], like, 1)] {
        let phone = format!("+7701{:07}", if phone { 2 * nth } else { 2 * nth + own });
        let vin = format!("LGWEF4A5{:09}", if vin { 2 * nth } else { 2 * nth + own });
        person(file, reference, iin, name, &phone, &vin);
    }
    pair
}

fn person(file: &mut String, reference: &str, iin: &str, name: &str, phone: &str, vin: &str) {
    let mail = format!("{}@twins.example", phone.trim_start_matches('+'));
    let lines = write!(
        file,
        r#"{{"kind":"subject","ref":"{reference}","born":null,"identifiers":[{{"type":"iin","value":"{iin}"}},{{"type":"phone","value":"{phone}"}},{{"type":"email","value":"{mail}"}},{{"type":"vin","value":"{vin}"}}]}}
{{"kind":"consent","ref":"{reference}-K","subject":"{reference}","scope":"promotion","purposes":["promotion"],"given_at":"2025-05-01T10:00+05:00","given_by":"self","expires_at":null,"withdrawn_at":null,"method":"web_form","evidence":"form","policy_version":"mycar-undated","third_party":false,"cross_border":false,"publication":false}}
{{"kind":"record","ref":"{reference}-1","subject":"{reference}","category":"contact","collected_at":"2025-05-01T10:00+05:00","last_contact_at":"2026-05-01","document_at":null,"purpose_reached_at":null,"obligation":null,"consent":null,"source":"web_form","given_by":"self","purposes":["service"],"data":{{"given_name":"Анна","family_name":"{name}","phone":"{phone}","email":"{mail}"}}}}
{{"kind":"record","ref":"{reference}-2","subject":"{reference}","category":"shopping","collected_at":"2025-05-01T10:00+05:00","last_contact_at":null,"document_at":null,"purpose_reached_at":null,"obligation":null,"consent":"{reference}-K","source":"site","given_by":"self","purposes":["promotion"],"data":{{"preferences":"H9"}}}}
{{"kind":"disclosure","ref":"{reference}-D","subject":"{reference}","recipient":"Банк «Пример»","country":"KZ","categories":["contact"],"purpose":"service","basis":"consent","at":"2025-06-01T09:00+05:00"}}
"#
    );
    assert!(lines.is_ok());
}

/// Two valid IINs that differ in one digit and the check digit. Serials are 99xx: nobody's.
fn neighbours(nth: usize) -> [String; 2] {
    let (day, month, year) = (nth % 28 + 1, nth / 28 % 12 + 1, nth / 336 % 50 + 50);
    let (sex, ten) = (nth / 16_800 % 2 + 3, nth / 33_600 * 10);
    let valid = |serial: usize| {
        let body = format!("{year:02}{month:02}{day:02}{sex}99{:02}", ten + serial);
        (0..10).map(|digit| format!("{body}{digit}")).find(|iin| iin::has_check_digit(iin))
    };
    let mut all = (0..10).filter_map(valid);
    [all.next(), all.next()].map(|iin| iin.unwrap_or_else(|| panic!("no IIN for pair {nth}")))
}
