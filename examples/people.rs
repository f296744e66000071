//! Streams invented people as import NDJSON: the same bytes for the same arguments, on every machine.
//!
//! ```text
//! cargo run --release --example people -- 100000 1 --controller automaster --expired 10 --scattered
//! ```
//!
//! A person is a `subject` line and ten records of about 200 bytes of payload: with N = 100000 the
//! standard data set of one million records. `--expired` is the share of records past their term on
//! 2026-11-22: *scattered*, they are technical records spread over everybody (above 40 %, whole people
//! too); *clustered*, they are whole people and come first. Nobody is real: IINs have serials 99xx,
//! phones lie under +7 799, which no operator has.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use chrono::{Days, NaiveDate};

const USAGE: &str =
    "usage: people N [SEED] [--controller mycar|automaster] [--expired PERCENT] [--scattered|--clustered]";

fn main() -> ExitCode {
    let order = match Order::read(std::env::args().skip(1)) {
        Ok(order) => order,
        Err(wrong) => {
            let _ = writeln!(io::stderr(), "{wrong}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    match stream(&order, &mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS, // a closed pipe is `| head`
    }
}

/// What was ordered on the command line.
pub struct Order {
    people: u64,
    seed: u64,
    mycar: bool,
    expired: u64,
    clustered: bool,
}

impl Order {
    /// Reads the arguments.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut order = Self { people: 0, seed: 1, mycar: false, expired: 10, clustered: false };
        let mut numbers = Vec::new();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--controller" => order.mycar = controller(args.next().as_deref())?,
                "--expired" => order.expired = number(&args.next().unwrap_or_default())?.min(100),
                "--scattered" => order.clustered = false,
                "--clustered" => order.clustered = true,
                other => numbers.push(number(other)?),
            }
        }
        match numbers.as_slice() {
            [people] => order.people = *people,
            [people, seed] => (order.people, order.seed) = (*people, *seed),
            _ => return Err("say how many people".into()),
        }
        Ok(order)
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number"))
}

fn controller(word: Option<&str>) -> Result<bool, String> {
    match word {
        Some("mycar") => Ok(true),
        Some("automaster") => Ok(false),
        _ => Err("the controller is mycar or automaster".into()),
    }
}

/// splitmix64 (Steele, Lea, Flood 2014): eight lines, every seed is good.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.roll() % n.max(1)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap_or(0)]
    }
}

/// Every day from 1940 on as text, so that writing a date is copying ten bytes.
struct Calendar {
    days: Vec<String>,
    /// Day number of 1 January, by year since 1940.
    years: Vec<u64>,
}

impl Calendar {
    fn new() -> Self {
        let first = NaiveDate::from_ymd_opt(1940, 1, 1).unwrap_or_default();
        let days: Vec<_> = (0..31_737).map(|day| (first + Days::new(day)).to_string()).collect();
        let years =
            (0_u64..).zip(&days).filter(|(_, day)| day.ends_with("-01-01")).map(|(at, _)| at).collect();
        Self { days, years }
    }

    fn year(&self, year: u64) -> u64 {
        let since = usize::try_from(year - 1940).unwrap_or(0);
        self.years.get(since).copied().unwrap_or(0)
    }

    fn day(&self, number: u64) -> &str {
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        self.days.get(at).map_or("2026-01-01", String::as_str)
    }
}

/// Unique valid IINs: every birth date of 1940–2007, both sexes, serials 9900–9999, in a mixed order.
struct Numbers {
    next: u64,
    births: u64,
}

impl Numbers {
    fn new(calendar: &Calendar, seed: u64) -> Self {
        Self { next: seed % 1009, births: calendar.year(2008) }
    }

    fn iin(&mut self, calendar: &Calendar) -> String {
        loop {
            let at = self.next;
            self.next += 1;
            // 7919 is prime and divides no number of days: it visits each birth date once a round.
            let born = calendar.day(at * 7919 % self.births);
            let round = at / self.births % 200;
            let century = if born < "2000" { 3 } else { 5 } + round % 2;
            let start = format!("{}{}{}{century}99{:02}", &born[2..4], &born[5..7], &born[8..10], round / 2);
            if let Some(check) = check_digit(start.as_bytes()) {
                return format!("{start}{check}");
            }
        }
    }
}

/// Both passes of the check digit; `None`: such a number is never issued.
fn check_digit(start: &[u8]) -> Option<u32> {
    let pass = |shift: u32| {
        (0..11).zip(start).map(|(at, c)| ((at + shift) % 11 + 1) * u32::from(c - b'0')).sum::<u32>() % 11
    };
    [pass(0), pass(2)].into_iter().find(|rest| *rest < 10)
}

const WOMEN: &[&str] = &[
    "Айгүл",
    "Әсел",
    "Гүлнар",
    "Динара",
    "Елена",
    "Жанар",
    "Зарина",
    "Інжу",
    "Камила",
    "Ләззат",
    "Мадина",
    "Наталья",
    "Ольга",
    "Сәуле",
    "Татьяна",
    "Ұлпан",
];
const MEN: &[&str] = &[
    "Алексей",
    "Арман",
    "Бауыржан",
    "Виктор",
    "Ғалым",
    "Данияр",
    "Ержан",
    "Игорь",
    "Қайрат",
    "Марат",
    "Нұрлан",
    "Олжас",
    "Пётр",
    "Руслан",
    "Сергей",
    "Тимур",
];
const FAMILIES: &[&str] = &[
    "Ахметов",
    "Әбдіқадыров",
    "Бекенов",
    "Громов",
    "Досжанов",
    "Ёлкин",
    "Ержанов",
    "Жаксыбаев",
    "Зайцев",
    "Ибраев",
    "Қасымов",
    "Кузнецов",
    "Нұрланов",
    "Омаров",
    "Петров",
    "Рашидов",
    "Сапаров",
    "Семёнов",
    "Тілеуов",
    "Тұрсынов",
    "Өтегенов",
    "Федоров",
    "Хасенов",
    "Юсупов",
];
const STREETS: &[&str] = &["ул. Вымышленная", "пр. Небывалый", "мкр. Придуманный", "Ойдан көшесі"];
const CARS: &[(&str, &str)] = &[
    ("Haval", "Jolion"),
    ("Haval", "H9"),
    ("Toyota", "Camry"),
    ("Kia", "Rio"),
    ("Hyundai", "Tucson"),
    ("Lada", "Niva"),
];
const WORKS: &[&str] = &[
    "замена масла и фильтров, проверка тормозной системы, осмотр подвески",
    "развал-схождение, балансировка четырёх колёс, сезонное хранение шин",
    "диагностика двигателя, замена свечей, чистка дроссельной заслонки",
    "замена тормозных колодок и жидкости, регулировка стояночного тормоза",
];
const TEXTS: &[&str] = &[
    "Добрый день! Подскажите, пожалуйста, когда можно забрать машину и сколько стоит работа.",
    "Сәлеметсіз бе! Көлікті техникалық қызмет көрсетуге жазғым келеді, бос уақыт бар ма?",
    "Спасибо, всё отлично. Запишите меня, пожалуйста, на следующее обслуживание весной, лучше в субботу утром.",
];
const PAGES: &[&str] = &[
    "/services/maintenance/regular-inspection-15000-km/prices-and-appointment-for-the-next-week?utm_source=example&utm_medium=invented",
    "/models/jolion/configurator/colour-and-interior/summary-and-request-for-a-test-drive?utm_source=example&utm_medium=invented",
    "/promo/winter-tyres-and-storage/conditions-of-the-offer-and-frequently-asked-questions?utm_source=example",
];
const BROWSERS: &[(&str, &str)] =
    &[("Firefox", "Linux"), ("Chrome", "Android"), ("Safari", "iOS"), ("Edge", "Windows")];

/// One person while being written.
struct Person<'a> {
    calendar: &'a Calendar,
    dice: &'a mut Dice,
    order: &'a Order,
    nth: u64,
    records: u64,
    line: String,
}

/// Writes everybody, a line a person or record.
///
/// # Errors
/// What the writer says.
pub fn stream(order: &Order, out: &mut impl Write) -> io::Result<()> {
    let calendar = Calendar::new();
    let mut dice = Dice(order.seed);
    let mut numbers = Numbers::new(&calendar, order.seed);
    for nth in 1..=order.people {
        let iin = numbers.iin(&calendar);
        let line = String::with_capacity(8192);
        let mut person = Person { calendar: &calendar, dice: &mut dice, order, nth, records: 0, line };
        person.write(&iin);
        out.write_all(person.line.as_bytes())?;
    }
    Ok(())
}

impl Person<'_> {
    fn write(&mut self, iin: &str) {
        let nth = self.nth;
        let phone = format!("+7799{nth:07}");
        self.push(format_args!(
            "{{\"kind\":\"subject\",\"ref\":\"P-{nth}\",\"born\":null,\"identifiers\":[{{\"type\":\"iin\",\"value\":\"{iin}\"}},\
             {{\"type\":\"phone\",\"value\":\"{phone}\"}},{{\"type\":\"email\",\"value\":\"p{nth}@people.example\"}}]}}\n"
        ));
        let woman = iin.as_bytes().get(6).is_some_and(|digit| digit % 2 == 0);
        let old = self.is_wholly_old();
        self.contact(old, woman, &phone);
        self.vehicle(old);
        self.service(old);
        self.correspondence(old);
        self.account(old);
        self.unlisted(old);
        for visit in [Self::technical, Self::technical, Self::usage, Self::cookie] {
            let expired = old || self.is_old_visit();
            visit(self, expired);
        }
    }

    /// Clustered: the first people. Scattered: only what technical records cannot make up.
    fn is_wholly_old(&mut self) -> bool {
        let share = self.order.expired;
        if self.order.clustered {
            (self.nth - 1) * 100 < self.order.people * share
        } else {
            self.dice.below(60) < share.saturating_sub(40)
        }
    }

    /// Four records of ten are visits, so a share of 40 % is all of them.
    fn is_old_visit(&mut self) -> bool {
        !self.order.clustered && self.dice.below(40) < self.order.expired
    }

    fn contact(&mut self, old: bool, woman: bool, phone: &str) {
        let given = self.dice.pick(if woman { WOMEN } else { MEN });
        let (family, ending) = (self.dice.pick(FAMILIES), if woman { "а" } else { "" });
        let (street, house, flat) =
            (self.dice.pick(STREETS), self.dice.below(99) + 1, self.dice.below(200) + 1);
        let (day, nth) = (self.day(old, 2024), self.nth);
        self.record(
            "contact",
            &day,
            Some(&day),
            "web_form",
            "service\",\"promotion",
            old,
            format_args!(
                "\"given_name\":\"{given}\",\"family_name\":\"{family}{ending}\",\"phone\":\"{phone}\",\
             \"email\":\"p{nth}@people.example\",\"address\":\"г. Алматы, {street}, {house}, кв. {flat}\""
            ),
        );
    }

    fn vehicle(&mut self, old: bool) {
        let (make, model) = self.dice.pick(CARS);
        let (year, day, nth) = (2012 + self.dice.below(14), self.day(old, 2024), self.nth);
        let (region, vin) = (self.dice.below(20) + 1, vin(nth));
        self.record(
            "vehicle",
            &day,
            None,
            "workshop",
            "service",
            old,
            format_args!(
                "\"make\":\"{make}\",\"model\":\"{model}\",\"year\":{year},\"vin\":\"{vin}\",\
             \"plate\":\"{:03} ZZ{} {region:02}\"",
                nth % 1000,
                letter(nth / 1000)
            ),
        );
    }

    fn service(&mut self, old: bool) {
        let (works, amount) = (self.dice.pick(WORKS), (self.dice.below(90) + 5) * 1000);
        let (day, nth) = (self.day(old, 2022), self.nth);
        self.record(
            "service",
            &day,
            None,
            "workshop",
            "service\",\"legal",
            old,
            format_args!(
                "\"order\":\"WO-{nth}\",\"date\":\"{day}\",\"works\":\"{works}\",\"amount\":{amount}"
            ),
        );
    }

    fn correspondence(&mut self, old: bool) {
        let (text, day) = (self.dice.pick(TEXTS), self.day(old, 2024));
        self.record(
            "correspondence",
            &day,
            None,
            "messenger",
            "service",
            old,
            format_args!("\"channel\":\"whatsapp\",\"text\":\"{text}\""),
        );
    }

    fn account(&mut self, old: bool) {
        let (day, nth) = (self.day(old, 2024), self.nth);
        self.record(
            "account",
            &day,
            None,
            "web_form",
            "service",
            old,
            format_args!("\"login\":\"person-number-{nth}-of-the-invented-people-of-an-invented-dealership-in-an-invented-street@people.example\",\"nickname\":\"p{nth}\""),
        );
    }

    fn unlisted(&mut self, old: bool) {
        let day = self.day(old, 2024);
        self.record("unlisted", &day, None, "showroom", "service", old, format_args!(
            "\"text\":\"заметка администратора: просит звонить после обеда, не ставить машину под деревья и предупреждать о пыли\""
        ));
    }

    fn technical(&mut self, old: bool) {
        let ((browser, os), (a, b), day) =
            (self.dice.pick(BROWSERS), (self.dice.below(3), self.dice.below(256)), self.day(old, 2025));
        let net = ["192.0.2", "198.51.100", "203.0.113"][usize::try_from(a).unwrap_or(0)];
        let page = self.dice.pick(PAGES);
        self.record(
            "technical",
            &day,
            None,
            "site",
            "analytics.site",
            old,
            format_args!(
                "\"ip\":\"{net}.{b}\",\"isp\":\"Пример Телеком\",\"browser\":\"{browser}\",\"os\":\"{os}\",\
             \"referrer\":\"https://site.example{page}\",\"visited_at\":\"{day}\""
            ),
        );
    }

    fn usage(&mut self, old: bool) {
        let (page, seconds, day) = (self.dice.pick(PAGES), self.dice.below(900), self.day(old, 2025));
        self.record(
            "usage",
            &day,
            None,
            "site",
            "analytics.site",
            old,
            format_args!("\"page\":\"{page}\",\"seconds\":{seconds}"),
        );
    }

    fn cookie(&mut self, old: bool) {
        let (a, b, day) = (self.dice.roll(), self.dice.roll(), self.day(old, 2025));
        self.record(
            "cookie",
            &day,
            None,
            "site",
            "analytics.site",
            old,
            format_args!("\"cookie_id\":\"{a:016x}{b:016x}{a:016x}{b:016x}{a:016x}{b:016x}{a:016x}{b:016x}\",\"name\":\"visitor\""),
        );
    }

    /// A day of 2014–2017, past every term by now; or one since `from` within every term.
    fn day(&mut self, old: bool, from: u64) -> String {
        let (first, span) = if old { (2014, 1461) } else { (from, (2026 - from) * 365 + 300) };
        let after = self.calendar.year(first) + self.dice.below(span);
        self.calendar.day(after).to_owned()
    }

    #[expect(clippy::too_many_arguments, reason = "one line of the format, field by field")]
    fn record(
        &mut self,
        category: &str,
        day: &str,
        contact: Option<&str>,
        source: &str,
        purposes: &str,
        old: bool,
        data: std::fmt::Arguments<'_>,
    ) {
        self.records += 1;
        let (nth, at) = (self.nth, self.records);
        let quoted = |day: Option<&str>| day.map_or_else(|| "null".to_owned(), |day| format!("\"{day}\""));
        // MyCar keeps until the purpose is reached; AutoMaster counts years.
        let reached = quoted((old && self.order.mycar).then_some(day));
        let contact = quoted(contact);
        self.push(format_args!(
            "{{\"kind\":\"record\",\"ref\":\"R-{nth}-{at}\",\"subject\":\"P-{nth}\",\"category\":\"{category}\",\
             \"collected_at\":\"{day}T12:00+05:00\",\"last_contact_at\":{contact},\"document_at\":null,\
             \"purpose_reached_at\":{reached},\"obligation\":null,\"consent\":null,\"source\":\"{source}\",\
             \"given_by\":\"self\",\"purposes\":[\"{purposes}\"],\"data\":{{{data}}}}}\n"
        ));
    }

    fn push(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.line.write_fmt(text);
    }
}

/// 17 characters with the check digit in the ninth place; 222 is the weighed sum of the first eight.
fn vin(nth: u64) -> String {
    let serial = format!("{nth:08}");
    let sum: u64 = serial.bytes().zip((2..=9).rev()).map(|(c, weight)| u64::from(c - b'0') * weight).sum();
    let check = match (222 + sum) % 11 {
        10 => 'X',
        rest => char::from(b'0' + u8::try_from(rest).unwrap_or(0)),
    };
    format!("LGWEF4A5{check}{serial}")
}

fn letter(n: u64) -> char {
    char::from(b'A' + u8::try_from(n % 26).unwrap_or(0))
}
