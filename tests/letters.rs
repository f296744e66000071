//! Letters, from the request to the signed answer: what they say comes from the case, and one that people would
//! complain of does not go out.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::World;

const OFFICE: &str = include_str!("letters/dsr.yaml");

fn office() -> World {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    world
}

/// Runs a command line without quotes.
fn run(world: &World, line: &str) -> common::Run {
    world.dsr(line.split(' '))
}

fn text(world: &World, line: &str) -> String {
    let letter = run(world, line).ok().stdout;
    assert!(!letter.contains("letter-"), "a key without its word in\n{letter}");
    letter.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Does every task that people had, so that a letter may tell of it.
fn tasks_done(world: &World, number: &str) {
    let shown = run(world, &format!("request show {number} --format json")).ok().json();
    for duty in shown["duties"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|duty| duty["kind"] == "task" && duty["done"].is_null())
    {
        let step = duty["step"].to_string();
        let _ = world.dsr(["request", "done", number, "--step", &step, "--evidence", "done by IT"]).ok();
    }
}

#[track_caller]
fn holds(letter: &str, parts: &[&str]) {
    for part in parts {
        assert!(letter.contains(part), "{part:?} is not in\n{letter}");
    }
}

#[test]
fn a_withdrawal_is_told_with_every_figure_of_the_case() {
    let world = office();
    let revoke =
        "revoke --subject ref:C-1 --identity document --channel registered_letter --tracking RR1 --lang ru";
    let done = run(&world, &format!("{revoke} --yes --format json")).ok().json();
    let _ = run(&world, "request letter 2026-000001").exits(4).says("no letter may say that it is done");
    tasks_done(&world, "2026-000001");
    let letter = text(&world, "request letter 2026-000001");
    let act = done["outcome"]["act"].as_str().unwrap();
    holds(
        &letter,
        &[
            "ТОО «MyCar Group»",
            "БИН 191140031171",
            "Айгерим Нурланова",
            "Исх. № 2026-000001/1 от 22.11.2026",
            "На вх. № 2026-000001 от 22.11.2026",
            "Почтовое отправление RR1",
            "Отзыв исполнен 22.11.2026",
            "Ваша учётная запись и личный кабинет удалены",
            "Ваших биометрических данных у нас не было",
            act,
            "Договор; Записей: 1; До: 31.12.2029; Основание: учётные документы хранятся не менее 5 лет",
            "акимат",
        ],
    );
    for step in done["steps"].as_array().unwrap().iter().filter(|step| step["action"] == "destroy") {
        let n = step["count"].as_u64().unwrap();
        let lines = [
            ("account", "Учётная запись"),
            ("contact", "Контактные данные"),
            ("technical", "Технические данные"),
        ];
        for (_, name) in lines.iter().filter(|(category, _)| step["category"] == *category && n > 0) {
            holds(&letter, &[&format!("{name}; Записей: {n};")]);
        }
    }
    assert!(!letter.contains("Tax") && !letter.contains("ст."), "no citation that no lawyer has confirmed");
    let log = run(&world, "audit list --format json").ok().stdout;
    assert!(log.contains("request.letter"), "{log}");
}

#[test]
fn an_article_is_printed_once_a_lawyer_has_confirmed_it() {
    let world = office();
    let (law, calendar) = ("policies/kz.yaml", "policies/kz.calendar.yaml");
    let read =
        |file: &str| std::fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let id = "  - id: KZ-30\n";
    std::fs::create_dir(world.path().join("own")).unwrap();
    world.write("own/kz.yaml", read(law).replace(id, &format!("{id}    confirmed: true\n")));
    world.write("own/kz.calendar.yaml", read(calendar));
    let _ = run(&world, "access --subject ref:C-1 --identity document --lang ru").ok();
    holds(&text(&world, "request letter 2026-000001"), &["Вы можете обратиться в суд."]);
    let confirmed = text(&world, "request letter 2026-000001 --policies own");
    holds(&confirmed, &["Вы можете обратиться в суд (94-V ст. 30)."]);
}

#[test]
fn what_cannot_be_done_yet_is_told_with_its_reason_and_date() {
    let world = office();
    let _ = run(&world, "revoke --subject ref:C-2 --identity document --lang kk --yes").ok();
    tasks_done(&world, "2026-000001");
    let letter = text(&world, "request letter 2026-000001");
    holds(
        &letter,
        &[
            "ӨТІНІШІҢІЗ ІШІНАРА ОРЫНДАЛДЫ",
            "O-201 (сатып алу) міндеттемесі әлі орындалған жоқ",
            "11.12.2026",
            "саясат бойынша қабылданған міндеттеме орындалмайынша кері қайтарып алу күтеді: O-201 (сатып алу) міндеттемесі орындалмаған; саясаттың 8.10-тармағы",
            "заңгер тексерген жоқ",
        ],
    );
    world.write("dsr.yaml", format!("{OFFICE}    letters_reviewed: [kk]\n"));
    assert!(!text(&world, "request letter 2026-000001").contains("заңгер"), "reviewed");
}

/// On paper: pages are numbered, nobody signs a page that says nothing, and reasons have room.
#[test]
fn a_letter_is_fit_to_be_printed() {
    let world = office();
    let _ = run(&world, "access --subject ref:C-1 --identity document --lang en").ok();
    let page = run(&world, "request letter 2026-000001 --format html").ok().stdout;
    assert!(page.contains("@page { size: A4;") && page.contains("counter(page)"), "{page}");
    let end = page.split_once("<div class=\"end\">").unwrap().1;
    assert!(end.starts_with("<h2>If you do not agree</h2>") && end.contains("class=\"sign\""), "{end}");
    let tables: Vec<&str> =
        page.split("<table").skip(1).map(|table| table.split('>').next().unwrap()).collect();
    assert_eq!(tables.first(), Some(&" class=\"grounds\""), "{page}");
    let list = page.split_once("class=\"grounds\"").unwrap().1.split_once("</thead>").unwrap().0;
    assert!(list.ends_with("<th>Ground</th></tr>"), "{list}");
}

#[test]
fn an_objection_says_why_data_went_in_one_sentence() {
    let world = office();
    let _ = run(
        &world,
        "object --controller automaster --subject ref:A-15 --purpose analytics --identity document --yes",
    )
    .ok();
    tasks_done(&world, "2026-000001");
    for (lang, ground) in [
        ("ru", "Основание: заявлено возражение против последней цели, для которой использовались эти данные"),
        ("kk", "Негіз: бұл деректер пайдаланылған соңғы мақсатқа қарсылық білдірілді"),
        ("en", "Ground: the last purpose that this data served was objected to"),
    ] {
        let letter = text(&world, &format!("request letter 2026-000001 --lang {lang}"));
        holds(&letter, &[ground]);
    }
}

#[test]
fn a_language_that_is_not_known_makes_a_bilingual_sheet() {
    let world = office();
    let _ = run(&world, "access --subject ref:C-1 --identity document").ok();
    let both = text(&world, "request letter 2026-000001");
    holds(&both, &["Ответ предоставляется бесплатно.", "Жауап тегін беріледі.", "не проверен юристом"]);
    let one = text(&world, "request letter 2026-000001 --lang en");
    holds(&one, &["This answer is free of charge.", "Storage term"]);
    assert!(!one.contains("бесплатно"));
}

#[test]
fn nobody_learns_a_name_before_it_is_known_who_asks() {
    let world = office();
    let _ = run(&world, "erase --subject ref:C-26 --lang ru --yes").exits(4);
    let letter = text(&world, "request letter 2026-000001 --ground RF-ID");
    holds(&letter, &["МОТИВИРОВАННЫЙ ОТКАЗ", "Субъекту персональных данных", "Копия документа не нужна"]);
    assert!(!letter.contains("Зарина") && !letter.contains("Юсупова"), "{letter}");
}

#[test]
fn a_copy_masks_what_no_letter_prints() {
    let world = office();
    let _ = run(&world, "export --subject ref:C-1 --identity document --lang ru").ok();
    let letter = text(&world, "request letter 2026-000001");
    holds(&letter, &["КОПИЯ ВАШИХ ПЕРСОНАЛЬНЫХ ДАННЫХ", "ИИН; Значение: •••• 9994"]);
    assert!(!letter.contains("900101499994"), "{letter}");
    let _ = run(&world, "export --subject ref:C-27 --identity document --lang ru").ok();
    let letter = text(&world, "request letter 2026-000002");
    holds(&letter, &["Документ, удостоверяющий личность; Поле: Номер; Значение: 99•••••27"]);
    assert!(!letter.contains("990000027"), "{letter}");
}

#[test]
fn a_letter_without_something_owed_is_not_sent() {
    let world = World::with_fixtures();
    let _ = run(&world, "access --subject ref:C-1 --identity document --lang ru --channel email").ok();
    let _ = run(&world, "request letter 2026-000001").ok().says("cannot be sent: missing_item (responsible)");
    let answer = "request answer 2026-000001 --channel email";
    let _ = run(&world, answer).exits(4).says("missing_item (responsible)");
    world.write("dsr.yaml", OFFICE);
    let _ = run(&world, answer).exits(4).says("2026-000001/1");
    let _ = run(&world, "request letter 2026-000001 --output a.html").ok();
    let _ =
        run(&world, "request answer 2026-000001 --channel courier").exits(4).says("wrong_medium (courier)");
    let shown = run(&world, &format!("{answer} --format json")).ok().json();
    assert_eq!(shown["state"], "answered");
    assert!(shown["events"].to_string().contains("2026-000001/2"), "the number is the letter's: {shown}");
}

#[test]
fn an_edited_letter_is_held_to_the_same_list() {
    let world = office();
    let _ = run(&world, "access --subject ref:C-1 --identity document --lang ru --channel email").ok();
    let _ = run(&world, "request letter 2026-000001 --output a.html").ok();
    let page = std::fs::read_to_string(world.path().join("a.html")).unwrap();
    let send =
        |file: &str| run(&world, &format!("request answer 2026-000001 --channel email --letter {file}"));
    world.write("b.html", page.replace("бесплатно", "за плату"));
    let _ = send("b.html").exits(4).says("missing_item (free)");
    world.write("c.html", page.replace("</h1>", "</h1><p>ИИН 900101499994</p>"));
    let _ = send("c.html").exits(4).says("not_masked");
    let _ =
        run(&world, "request answer 2026-000001 --number 7").exits(2).says("bears the number 2026-000001/1");
    world.write("d.html", page.replace("</h1>", "</h1><p>С уважением и вниманием.</p>"));
    let _ = send("d.html").ok();
}

#[test]
fn a_late_letter_goes_with_its_reason() {
    let mut world = office();
    let _ = run(&world, "access --subject ref:C-1 --identity document --lang ru --channel email").ok();
    let _ = run(&world, "request letter 2026-000001").ok();
    world.at("2026-11-26T10:00:00+05:00");
    let _ = run(&world, "request answer 2026-000001 --channel email").exits(4).says("late (2026-11-25)");
    let _ = run(&world, "request answer 2026-000001 --despite not_masked --reason x")
        .exits(2)
        .says("cannot be overruled");
    let sent = [
        "request",
        "answer",
        "2026-000001",
        "--channel",
        "email",
        "--despite",
        "late",
        "--reason",
        "no power",
    ];
    assert!(world.dsr(sent).ok().stdout.contains("late: no power"));
}

/// What the last letter says is not what came out since: nobody sends it by an oversight.
#[test]
fn a_letter_of_an_earlier_round_answers_nothing() {
    let world = office();
    let answer = "request answer 2026-000001 --channel email";
    let access = "access --subject ref:C-1 --identity document --lang ru --channel email";
    let _ = run(&world, access).ok();
    let _ = run(&world, "request letter 2026-000001").ok();
    let _ = run(&world, answer).ok();
    let _ = world.dsr(["request", "reopen", "2026-000001", "--reason", "a part was forgotten"]).ok();
    let _ = run(&world, "access --subject ref:C-1 --request 2026-000001").ok();
    let old = "was made before what the case recorded last";
    let stale = run(&world, answer).exits(4).says(old);
    assert!(stale.stderr.contains("dsr request letter 2026-000001"), "{}", stale.stderr);
    let _ = run(&world, &format!("{answer} --lang ru")).exits(4).says("составлено раньше");
    let next = |world: &World| {
        run(world, "request show 2026-000001 --format json").ok().json()["next"].as_str().unwrap().to_owned()
    };
    assert_eq!(next(&world), "dsr request letter 2026-000001 --output FILE");
    let _ = run(&world, "request letter 2026-000001").ok();
    assert_eq!(next(&world), "dsr request answer 2026-000001 --channel CHANNEL");
    // Made, and then answered anew.
    let _ = run(&world, "access --subject ref:C-1 --request 2026-000001").ok();
    let _ = run(&world, answer).exits(4).says(old);
    let _ = run(&world, "request letter 2026-000001").ok();
    let sent = run(&world, &format!("{answer} --format json")).ok().json();
    assert!(sent["events"].to_string().contains("2026-000001/3"), "{sent:#}");
}

/// Nobody is told to have asked for what stopped as a consequence.
#[test]
fn a_letter_names_what_was_asked_and_apart_what_stopped_with_it() {
    for (lang, heading, alone) in [
        ("en", "STOPPED WITH IT", "concerns only the use for: analytics"),
        ("ru", "ВМЕСТЕ С ЭТИМ ПРЕКРАЩЕНО", "в следующих целях: аналитика"),
        ("kk", "МҰНЫМЕН БІРГЕ ТОҚТАТЫЛДЫ", "мына мақсаттарда пайдалануға қатысты: аналитика"),
    ] {
        let world = office();
        let object = |who: &str, purpose: &str| {
            let ask = format!("object --subject {who} --purpose {purpose} --identity document --lang {lang}");
            let _ = run(&world, &format!("{ask} --yes")).ok();
        };
        object("ref:C-3", "promotion");
        let letter = text(&world, "request letter 2026-000001");
        let (before, more) = letter.split_once(heading).unwrap_or_else(|| panic!("{heading}: {letter}"));
        let surveys = ["surveys", "опросы", "сауалнамалар"];
        assert!(surveys.iter().all(|word| !before.contains(word)), "{before}");
        assert!(surveys.iter().any(|word| more.contains(word)), "{more}");
        object("ref:C-4", "analytics");
        let letter = text(&world, "request letter 2026-000002");
        assert!(!letter.contains(heading), "{letter}");
        holds(&letter, &[alone]);
    }
}

/// From when to when, and how it ended, whichever of the two cases tells it; and no word of another language.
#[test]
fn the_end_of_a_block_says_since_when_it_was() {
    let mut world = office();
    let _ = run(&world, "restrict --subject ref:C-3 --reason disputed --lang ru --yes").ok();
    world.at("2026-11-24T12:00");
    let _ = run(&world, "restrict --subject ref:C-3 --lift --finding accurate --lang ru --yes").ok();
    for case in ["2026-000001", "2026-000002"] {
        tasks_done(&world, case);
        let letter = text(&world, &format!("request letter {case} --lang ru"));
        holds(&letter, &["Блокировано с: 22.11.2026 10:00", "Блокирование снято 24.11.2026"]);
    }
    for (lang, version) in
        [("ru", "без даты, отпечаток"), ("kk", "күні көрсетілмеген"), ("en", "without a date")]
    {
        let letter = text(&world, &format!("request letter --kind policy_change --note n --lang {lang}"));
        holds(&letter, &[version]);
        assert!(!letter.contains("undated") && !letter.contains(": –"), "{letter}");
    }
}

#[test]
fn an_answer_without_a_letter_is_recorded_as_ever() {
    let world = World::with_fixtures();
    let _ = run(&world, "access --subject ref:C-1 --identity document").ok();
    let _ = run(&world, "request answer 2026-000001 --letter a.html").exits(2).says("no letter of case");
    let _ = run(&world, "request answer 2026-000001 --channel phone --number 7").ok();
}

#[test]
fn a_notice_tells_a_recipient_what_to_do() {
    let world = office();
    let rectify = "rectify --subject ref:C-26 --set contact.phone=+77010000077 --document ID-1 --identity document --lang ru";
    let _ = run(&world, &format!("{rectify} --yes")).ok();
    let _ = run(&world, "request letter 2026-000001 --kind recipient").exits(2).says("Банк «Пример»");
    let notice = ["request", "letter", "2026-000001", "--kind", "recipient", "--recipient", "Банк «Пример»"];
    let notice = world.dsr(notice).ok().stdout;
    holds(&notice, &["Банк «Пример»", "+77010000077", "Исправьте эти данные"]);
    let own = text(&world, "request letter 2026-000001");
    holds(&own, &["+7••••••••77", "Прежние значения уничтожены"]);
}

#[test]
fn a_case_without_an_outcome_has_no_letter() {
    let world = office();
    let _ = run(&world, "request open --right revoke --subject ref:C-1").ok();
    let _ = run(&world, "request letter 2026-000001").exits(2).says("carry the request out first");
    let _ = run(&world, "request letter 2026-000009").exits(3);
    let _ = run(&world, "request letter --kind access").exits(2).says("which case");
    let _ = run(&world, "request letter 2026-000001 --format csv").exits(2);
}

#[test]
fn an_office_brings_its_own_letters() {
    let world = office();
    let _ = run(&world, "access --subject ref:C-1 --identity document --lang ru").ok();
    std::fs::create_dir(world.path().join("mine")).unwrap();
    world.write("mine/words.ru.ftl", "letter-title-access = Наш ответ\n");
    holds(&text(&world, "request letter 2026-000001 --templates mine"), &["НАШ ОТВЕТ", "бесплатно"]);
    world.write("mine/access.jinja", "{{ purposes_of_nobody }}");
    let _ = run(&world, "request letter 2026-000001 --templates mine")
        .exits(6)
        .says("`access.jinja` of the letter does not work, line 1");
    world.write("mine/access.jinja", "{% import \"blocks\" as b %}\n{{ b.p(purposes_of_nobody) }}");
    let _ = run(&world, "request letter 2026-000001 --templates mine").exits(6).says("`access.jinja`");
    world.write("mine/access.jinja", "short");
    let _ = run(&world, "request letter 2026-000001 --templates mine").ok().says("missing_item (purposes)");
}

#[test]
fn a_refusal_tells_the_facts_its_officer_signed() {
    let world = office();
    let _ = run(&world, "erase --subject ref:C-26 --lang ru --yes").exits(4);
    let refuse = ["request", "refuse", "2026-000001", "--ground", "RF-ID", "--signed-by", "А. Нурланова"];
    let facts = ["--facts", "Письмо пришло с адреса, которого у нас нет"];
    let _ = world.dsr(refuse.iter().chain(&facts)).ok();
    let letter = text(&world, "request letter 2026-000001");
    holds(&letter, &["МОТИВИРОВАННЫЙ ОТКАЗ", "Письмо пришло с адреса", "не подтверждены личность", "акимат"]);
}

#[test]
fn no_letter_says_done_while_a_place_by_hand_is_open() {
    let world = office();
    let places = "    systems:\n      paper: {kind: manual, owner: А. Архивная, categories: [contact]}\n";
    world.write("dsr.yaml", format!("{OFFICE}{places}"));
    let _ = run(&world, "revoke --subject ref:C-1 --identity document --lang ru --yes").ok();
    tasks_done(&world, "2026-000001");
    let _ = run(&world, "request letter 2026-000001").exits(4).says("request done 2026-000001 --step");
    let shown = run(&world, "request show 2026-000001 --format json").ok().json();
    for duty in shown["duties"].as_array().unwrap().iter().filter(|duty| duty["kind"] == "manual") {
        let step = duty["step"].to_string();
        let done = ["request", "done", "2026-000001", "--step", &step, "--evidence", "papers shredded"];
        let _ = world.dsr(done).ok();
    }
    holds(&text(&world, "request letter 2026-000001"), &["ОТЗЫВ СОГЛАСИЯ ИСПОЛНЕН"]);
}

#[test]
fn a_recipient_who_was_told_is_told_of_with_the_day() {
    let world = office();
    let _ = run(&world, "revoke --subject ref:C-26 --identity document --lang ru --yes").ok();
    tasks_done(&world, "2026-000001");
    let told = ["request", "told", "2026-000001", "--recipient", "Банк «Пример»", "--at", "2026-11-22"];
    let _ = world.dsr(told).ok();
    let letter = text(&world, "request letter 2026-000001");
    holds(&letter, &["Банк «Пример» (KZ): уведомление от 22.11.2026", "Example Motor Works Co. (CN)"]);
}

#[test]
fn a_letter_of_what_did_not_happen_is_not_made() {
    let world = office();
    let _ = run(&world, "access --subject ref:C-1 --identity document --lang ru --channel email").ok();
    for kind in
        ["nothing_held", "erasure", "withdrawal", "block", "rectification", "minor", "authority", "refusal"]
    {
        let _ = run(&world, &format!("request letter 2026-000001 --kind {kind}")).exits(2).says("access");
    }
    let _ = run(&world, "request letter 2026-000001 --kind access").ok();
    let _ = run(&world, "erase --subject ref:C-1 --identity document --lang en --yes").ok();
    let _ = run(&world, "request letter 2026-000002 --kind erasure").exits(2).says("partial");
    let _ = run(&world, "request open --right breach --received 2026-11-20").ok();
    let _ = run(&world, "request letter 2026-000003 --number B-1").ok();
    let answer = "request answer 2026-000003 --channel email --number B-1";
    let _ = run(&world, answer).exits(4).says("placeholder");
    let told =
        ["request", "letter", "2026-000003", "--number", "B-1", "--note", "A file was sent to a stranger."];
    let _ = world.dsr(told).ok();
    let _ = run(&world, "request answer 2026-000003 --channel email --number B-2").exits(2).says("B-1");
    let _ = run(&world, "request answer 2026-000003 --channel email --number B-1").ok();
}

#[test]
fn an_answer_is_late_by_the_day_it_was_sent() {
    let mut world = office();
    let _ = run(&world, "access --subject ref:C-1 --identity document --lang ru --channel email").ok();
    let _ = run(&world, "request letter 2026-000001").ok();
    world.at("2026-12-10T10:00");
    let answer = "request answer 2026-000001 --channel email";
    let _ = run(&world, answer).exits(4).says("late");
    let _ = run(&world, &format!("{answer} --at 2026-11-23")).ok();
}

#[test]
fn a_refusal_is_sent_when_a_person_has_signed_it() {
    let world = office();
    let revoke = "revoke --subject ref:C-1 --purpose legal --identity document --lang ru --channel email --yes --format json";
    for _ in 0..2 {
        let plan = run(&world, revoke).exits(4).json();
        assert_eq!((&plan["decision"], &plan["already_done"]), (&"refuse".into(), &false.into()));
    }
    let answer = "request answer 2026-000001 --channel email";
    let _ = run(&world, answer).exits(4).says("--signed-by");
    let _ = run(&world, "request letter 2026-000001").ok();
    let _ = run(&world, answer).exits(4).says("nobody has signed");
    let signed =
        ["request", "refuse", "2026-000001", "--ground", "RF-LAW", "--facts", "tax", "--signed-by", "A. B."];
    let _ = world.dsr(signed).ok();
    let _ = run(&world, "request letter 2026-000001").ok();
    let _ = run(&world, answer).ok();
}

#[test]
fn a_block_is_told_once_its_use_was_stopped_everywhere() {
    let world = office();
    let _ = run(&world, "restrict --subject ref:C-3 --reason disputed --lang ru --yes").ok();
    let _ = run(&world, "request letter 2026-000001").exits(4).says("no letter may say that it is done");
    tasks_done(&world, "2026-000001");
    holds(&text(&world, "request letter 2026-000001"), &["ДАННЫЕ БЛОКИРОВАНЫ"]);
}

#[test]
fn nobody_is_answered_through_somebody_whose_authority_was_not_checked() {
    let world = office();
    let open = ["request", "open", "--right", "export", "--subject", "ref:C-5", "--channel", "email"];
    let who = ["--representative", "Иванов И.", "--authority", "дов. 12"];
    let _ = world.dsr(open.iter().chain(&who)).ok();
    let verified = run(&world, "request verify 2026-000001 --identity document --format json").ok().json();
    assert_eq!((&verified["representative"], &verified["authority"]), (&true.into(), &"дов. 12".into()));
    assert!(verified["next"].as_str().unwrap().contains("--acting-as"), "{verified:#}");
    assert!(run(&world, "request show 2026-000001").ok().stdout.contains("дов. 12"));
    let export = "export --subject ref:C-5 --request 2026-000001 --format json";
    assert_eq!(run(&world, export).ok().json()["draft"], true);
    let answer = "request answer 2026-000001 --channel email";
    let _ = run(&world, answer).exits(4).says("draft");
    let erase = ["erase", "--subject", "ref:C-5", "--identity", "document", "--yes"];
    let _ = world.dsr(erase.iter().chain(&who)).exits(4);
    let acting = "request verify 2026-000001 --acting-as power_of_attorney --expires 2027-01-01";
    let _ = run(&world, acting).ok();
    let _ = run(&world, answer).exits(4);
    assert_eq!(run(&world, export).ok().json()["draft"], false);
    let _ = run(&world, answer).ok();
}

/// A letter greets whoever reads it, and says of what a child gave what it waits for.
#[test]
fn a_parent_is_greeted_and_not_the_child() {
    let mother = ["--representative", "Рахимова Мария", "--authority", "birth record"];
    for (named, acting, greets) in [
        (true, "parent", Some("Здравствуйте, Рахимова Мария!")),
        (false, "parent", None),
        (true, "self", Some("Здравствуйте, Айсұлу!")),
    ] {
        let world = office();
        let open = "request open --right access --subject ref:C-11 --channel email";
        let more = if named { &mother[..] } else { &[] };
        let _ = world.dsr(open.split(' ').chain(more.iter().copied())).ok();
        let verify = format!("request verify 2026-000001 --identity document --acting-as {acting}");
        let _ = run(&world, &verify).ok();
        let _ = run(&world, "access --subject ref:C-11 --request 2026-000001").ok();
        let letter = text(&world, "request letter 2026-000001 --lang ru");
        let found = letter.match_indices("Здравствуйте").map(|(at, _)| &letter[at..]);
        let found: Vec<&str> = found.filter_map(|rest| rest.split_inclusive('!').next()).collect();
        assert_eq!(found, greets.into_iter().collect::<Vec<_>>(), "{acting}: {letter}");
        assert_eq!(letter.contains("Вы действуете за субъекта"), acting != "self", "{acting}: {letter}");
        holds(&letter, &["хранится до решения ответственного лица: данные дал несовершеннолетний"]);
        for (lang, says) in
            [("en", "kept for a decision of the responsible person"), ("kk", "жауапты тұлға шешкенге дейін")]
        {
            holds(&text(&world, &format!("request letter 2026-000001 --lang {lang}")), &[says]);
        }
    }
}

#[test]
fn what_waits_for_another_answer_says_so() {
    for (lang, expected) in [
        ("ru", "ответ на ваше обращение 2026-000001"),
        ("kk", "2026-000001 өтінішіңізге жауап жіберіледі"),
        ("en", "The answer to your request 2026-000001"),
    ] {
        let world = office();
        let open = format!("request open --right export --right erase --subject ref:C-28 --lang {lang}");
        let _ = run(&world, &open).ok();
        for number in ["2026-000001", "2026-000002"] {
            let _ = run(&world, &format!("request verify {number} --identity document")).ok();
        }
        let _ = run(&world, "export --subject ref:C-28 --request 2026-000001").ok();
        let _ = run(&world, "erase --subject ref:C-28 --request 2026-000002 --yes").ok();
        tasks_done(&world, "2026-000002");
        holds(&text(&world, "request letter 2026-000002"), &[expected]);
    }
}

#[test]
fn no_letter_says_what_is_held_before_people_have_looked() {
    let world = office();
    let places = "    systems:\n      paper: {kind: manual, owner: А. Архивная, categories: [contact]}\n";
    world.write("dsr.yaml", format!("{OFFICE}{places}"));
    for (asked, number, title) in [
        ("access --subject ref:C-999", "2026-000001", "ДАННЫЕ НЕ ХРАНЯТСЯ"),
        ("access --subject ref:C-1", "2026-000002", "ОТВЕТ НА ЗАПРОС"),
    ] {
        let _ = run(&world, &format!("{asked} --identity document --lang ru")).ok();
        let letter = format!("request letter {number}");
        let _ = run(&world, &letter).exits(4).says("no letter may say what is held");
        let shown = run(&world, &format!("request show {number} --format json")).ok().json();
        let open = shown["duties"].as_array().unwrap().iter().find(|duty| duty["kind"] == "manual").unwrap();
        let step = open["step"].to_string();
        let _ = world
            .dsr(["request", "done", number, "--step", &step, "--nothing", "--evidence", "looked through"])
            .ok();
        assert!(text(&world, &letter).contains(title), "{}", text(&world, &letter));
    }
}

#[test]
fn the_language_of_a_request_is_corrected() {
    let world = office();
    let open = "access --subject ref:C-1 --identity document --channel email --lang ru --language kk";
    let _ = run(&world, open).ok();
    let shown = || run(&world, "request show 2026-000001 --format json").ok().json();
    assert_eq!(shown()["language"], "kk", "the officer's own language is another matter");
    let _ = run(&world, "request letter 2026-000001 --output a.html").ok();
    let _ = run(&world, "request note 2026-000001 --language en").ok();
    let _ = run(&world, "request note 2026-000001 --language ru").ok();
    let case = shown();
    assert_eq!(case["language"], "ru", "the last one counts");
    assert!(case["events"].to_string().contains(r#""detail":"ru","event":"language""#), "{case}");
    let answer = "request answer 2026-000001 --channel email";
    let _ = run(&world, answer).exits(4).says("wrong_language (ru)");
    holds(&text(&world, "request letter 2026-000001"), &["Ответ предоставляется бесплатно."]);
    let _ = run(&world, answer).ok();
    let _ = run(&world, "request note 2026-000001 --language de").exits(2);
}

/// No letter belongs to what is answered in words of the office's own: the hint says how, and works.
#[test]
fn what_has_no_letter_is_answered_by_ones_own() {
    for right in ["question", "complaint", "authority"] {
        let world = office();
        let demand = if right == "authority" { " --demand 12 --basis art.9" } else { "" };
        let _ = run(&world, &format!("request open --right {right} --channel email{demand}")).ok();
        let answer = "request answer 2026-000001 --channel CHANNEL --number NO";
        let _ = run(&world, "request letter 2026-000001 --lang en").exits(2).says(answer);
        let _ = run(&world, "request answer 2026-000001 --channel email --number 17").ok();
    }
}
