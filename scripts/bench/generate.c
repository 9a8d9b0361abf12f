// Made-up patients and orders, a million in about a second, the same for the same seed.
//
// Row i is a function of (seed, i) alone: orders know the patients that they belong to without a table of them, and two
// runs with --start 0 and --start 500000 together give what one run gives.
//
// Two forms: `legacy` is what an old system exports (its own column names, MM/DD/YYYY, phones and genders as people typed
// them, blanks around values), `clean` is what the toolkit's own fields hold after mapping. Both have quoted commas, quotes
// and line feeds, and names beyond ASCII.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FIELDS = 16, FIELD_SIZE = 400 };
enum format { CSV, TSV, NDJSON };

static struct {
  uint64_t rows, start, seed, patients;
  double dirt, duplicates, unknown, households, twins, surnames, reused, known;  // per cent of rows
  enum format format;
  int orders, clean, external, source_ids, second, truth, bom, crlf;
} options = {.rows = 1000, .seed = 1, .format = CSV};

// --- chance

static uint64_t state;

static uint64_t mix(uint64_t z) {  // splitmix64's finaliser
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static void seed_row(uint64_t stream, uint64_t row) { state = mix(mix(options.seed + (stream << 32)) + row); }
static uint64_t next(void) { return mix(state += 0x9e3779b97f4a7c15u); }
static unsigned below(unsigned n) { return (unsigned)((next() >> 32) * n >> 32); }
static int per_cent(double share) { return share > 0 && (double)(next() >> 11) * (100.0 / 9007199254740992.0) < share; }

// --- words

struct name { const char *written, *plain; };

static const struct name given_names[] = {
  {"James", "james"}, {"Mary", "mary"}, {"Robert", "robert"}, {"Patricia", "patricia"}, {"John", "john"},
  {"Jennifer", "jennifer"}, {"Michael", "michael"}, {"Linda", "linda"}, {"David", "david"}, {"Elizabeth", "elizabeth"},
  {"William", "william"}, {"Barbara", "barbara"}, {"Richard", "richard"}, {"Susan", "susan"}, {"Joseph", "joseph"},
  {"Jessica", "jessica"}, {"Thomas", "thomas"}, {"Karen", "karen"}, {"Ana", "ana"}, {"Nancy", "nancy"},
  {"Mary Ann", "maryann"}, {"Jean-Luc", "jeanluc"}, {"Aisha", "aisha"}, {"Wei", "wei"}, {"Priya", "priya"},
  {"Jos\u00e9", "jose"}, {"Zo\u00eb", "zoe"}, {"Bj\u00f6rn", "bjorn"}, {"Ren\u00e9e", "renee"},
  {"\u0141ukasz", "lukasz"}, {"S\u00edle", "sile"}, {"\u674e\u5a1c", "lina"},
};
static const struct name family_names[] = {
  {"Smith", "smith"}, {"Johnson", "johnson"}, {"Williams", "williams"}, {"Brown", "brown"}, {"Jones", "jones"},
  {"Garcia", "garcia"}, {"Miller", "miller"}, {"Davis", "davis"}, {"Rodriguez", "rodriguez"}, {"Martinez", "martinez"},
  {"Hernandez", "hernandez"}, {"Lopez", "lopez"}, {"Wilson", "wilson"}, {"Anderson", "anderson"}, {"Thomas", "thomas"},
  {"Taylor", "taylor"}, {"Moore", "moore"}, {"Jackson", "jackson"}, {"Lee", "lee"}, {"Thompson", "thompson"},
  {"O'Brien", "obrien"}, {"McDonald", "mcdonald"}, {"van der Berg", "vanderberg"}, {"Smith-Jones", "smithjones"},
  {"Nguyen", "nguyen"}, {"Kowalski", "kowalski"}, {"M\u00fcller", "muller"}, {"Nu\u00f1ez", "nunez"},
  {"Gar\u00e7on", "garcon"}, {"\u00d8stergaard", "ostergaard"}, {"D\u00edaz", "diaz"}, {"\u738b", "wang"},
};
// Of nobody else: a twin's given names, and the family names that people take later.
static const struct name twin_names[] = {
  {"Otto", "otto"}, {"Frieda", "frieda"}, {"Hugo", "hugo"}, {"Greta", "greta"}, {"S\u00f8ren", "soren"}, {"Ilse", "ilse"}};
static const struct name later_names[] = {
  {"Abbott", "abbott"}, {"Barlow-Finch", "barlowfinch"}, {"Cazal\u00e8s", "cazales"}, {"Dunmore", "dunmore"},
  {"Ekstr\u00f6m", "ekstrom"}, {"Fairweather", "fairweather"}, {"Gwynne", "gwynne"}};
static const char *const streets[] = {
  "Oak Street", "Maple Ave", "Main St", "Park Blvd", "Cedar Lane", "Pine Rd", "Elm Street", "Washington Ave", "Lake Dr",
  "Hill St", "2nd Street", "Martin Luther King Jr Blvd", "Sunset Blvd", "River Road", "Chestnut Ct", "Mill Lane"};
static const struct { const char *city, *state; unsigned zip; } places[] = {
  {"Sacramento", "CA", 95814}, {"San Jos\u00e9", "CA", 95113}, {"Los Angeles", "CA", 90012}, {"Springfield", "IL", 62701},
  {"Boston", "MA", 2108}, {"Worcester", "MA", 1608}, {"Newark", "NJ", 7102}, {"Portland", "OR", 97204},
  {"Portland", "ME", 4101}, {"St. Paul", "MN", 55102}, {"Austin", "TX", 78701}, {"Winston-Salem", "NC", 27101},
  {"Coeur d'Alene", "ID", 83814}, {"Albany", "NY", 12207}, {"Holtsville", "NY", 501}, {"Miami", "FL", 33130}};
static const char *const domains[] = {"example.com", "example.org", "example.net", "mail.example.com", "clinic.example.edu"};
static const char *const notes[] = {
  "Prefers mornings", "Allergic to latex, penicillin", "Moved; old chart at \"Eastside\"", "Call daughter first",
  "Wears contacts, left eye only", "First line\nsecond line", "Diabetic, see chart\nBring glasses", "N/A", "Paid 10% deposit",
  "Interpreter needed (Espa\u00f1ol)"};
static const char *const tests[] = {
  "Complete Eye Exam", "Contact Lens Fitting", "Visual Field", "Retinal Photo", "OCT, macula", "Tonometry", "Hemoglobin A1c",
  "Lipid Panel", "Complete Blood Count", "TSH", "Refraction", "\"Dry eye\" workup"};
static const char *const units[] = {"mmHg", "mg/dL", "%", "mmol/L", "\u00b5m"};
static const char *const facilities[] = {"Main Street Clinic", "Eastside, Suite 4", "Mobile Unit", "H\u00f4pital Saint-Louis"};
static const char *const departments[] = {"Optometry", "Laboratory", "Ophthalmology"};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define ANY(list) ((list)[below(COUNT(list))])

// --- a row

static char row[MAX_FIELDS][FIELD_SIZE];
static int fields;

static char *field(void) { return row[fields++]; }
static void add(const char *text) { strcpy(field(), text); }
#define ADD(...) ((void)snprintf(field(), FIELD_SIZE, __VA_ARGS__))

// As people type: blanks around some values.
static void add_typed(const char *text) {
  if (!options.clean && per_cent(2)) ADD(" %s", text);
  else if (!options.clean && per_cent(2)) ADD("%s  ", text);
  else add(text);
}

static void add_date(unsigned year, unsigned month, unsigned day) {
  if (options.clean) ADD("%04u-%02u-%02u", year, month, day);
  else if (per_cent(10)) ADD("%u/%u/%04u", month, day, year);
  else if (per_cent(2)) ADD("%04u-%02u-%02u", year, month, day);
  else ADD("%02u/%02u/%04u", month, day, year);
}

static void add_phone(void) {
  unsigned area = 201 + below(780), line = 100 + below(100);
  unsigned way = options.clean ? 0 : below(10);
  switch (way) {
    case 1: ADD("%u-555-%04u", area, line); break;
    case 2: ADD("%u555%04u", area, line); break;
    case 3: ADD("+1 %u 555 %04u", area, line); break;
    case 4: ADD("1-%u-555-%04u", area, line); break;
    case 5: ADD("%u.555.%04u", area, line); break;
    case 6: ADD("555-%04u", line); break;
    case 7: add(""); break;
    default: ADD("(%u) 555-%04u", area, line);
  }
}

static void add_gender(void) {
  static const char *const clean[] = {"male", "female", "male", "female", "other", "unknown"};
  static const char *const typed[] = {"M", "F", "Male", "Female", "m", "f", "MALE", "FEMALE", "U", "", "Other", "unknown"};
  add(options.clean ? ANY(clean) : ANY(typed));
}

enum { YEARS = 98, PEOPLE = 32 * 32 * YEARS * 12 * 28 };

struct patient { const struct name *given, *family; unsigned number, year, month, day; };

// The fields by which others know patient `number`. No two of the first 33 million share their names and birth date:
// multiplying by a prime walks through all combinations in a scattered order.
static struct patient single_of(uint64_t number) {
  uint64_t who = (number * 15485863u + mix(options.seed)) % PEOPLE;
  struct patient patient = {.number = (unsigned)number};
  patient.given = &given_names[who % 32], who /= 32;
  patient.family = &family_names[who % 32], who /= 32;
  patient.day = 1 + (unsigned)(who % 28), who /= 28;
  patient.month = 1 + (unsigned)(who % 12), who /= 12;
  patient.year = 1925 + (unsigned)who;
  return patient;
}

// What happens to one in two patients happens with twice the share: it is the other who it happens with.
static int share_of(uint64_t stream, uint64_t number, double share) {
  return number % 2 && (double)(mix(mix(options.seed + (stream << 32)) + number) >> 11) * (50.0 / 9007199254740992.0) < share;
}
static int is_twin(uint64_t number) { return share_of(5, number, options.twins); }
// Uses the e-mail of the patient before.
static int is_at_home(uint64_t number) { return is_twin(number) || share_of(6, number, options.households); }

static struct patient patient_of(uint64_t number) {
  if (!is_twin(number)) return single_of(number);
  struct patient twin = single_of(number - 1);
  twin.given = &twin_names[number / 2 % COUNT(twin_names)];
  twin.number = (unsigned)number;
  return twin;
}

static void write_mail(char *out, struct patient who) {
  if (is_at_home(who.number)) who = single_of(who.number - 1);
  snprintf(out, FIELD_SIZE, "%s.%s%u@%s", who.given->plain, who.family->plain, who.number, domains[who.number % COUNT(domains)]);
}

static int has_mail(unsigned number) { return is_at_home(number) || mix(number + options.seed) % 10 < 8; }
// Where external ids are asked for, some patients have no number of the clinic's own.
static int has_mrn(unsigned number) {
  return !options.second && (!options.external || mix(number * 3u + options.seed) % 20 != 0);
}

static void upper(char *text) {
  for (; *text; text++) if (*text >= 'a' && *text <= 'z') *text -= 32;
}

// Who a row is about, and under which of the clinic's numbers.
struct entry { uint64_t person, number; int is_renamed; };

static int has_others_number(uint64_t row) {
  return (double)(mix(mix(options.seed + (7ull << 32)) + row) >> 11) * (100.0 / 9007199254740992.0) < options.reused;
}

static int are_unlike(uint64_t one, uint64_t other) {
  struct patient a = patient_of(one), b = patient_of(other);
  int same_day = a.year == b.year && a.month == b.month && a.day == b.day;
  return !same_day && !(a.given == b.given && a.family == b.family);
}

// Somebody with neither name nor birth date in common has the number that this one is given.
static uint64_t reused_number(uint64_t person, uint64_t row) {
  for (uint64_t number = next() % row, tries = 0; tries < row; number = (number + 1) % row, tries++) {
    uint64_t holder = options.second ? options.rows + number : number;
    if (are_unlike(holder, person) && (!options.second || are_unlike(options.rows - 1 - number, person))) return number;
  }
  return person;
}

// A second clinic numbers its rows as the first does. Those of its patients who are the first's too have other numbers there.
static struct entry entry_of(uint64_t row, int repeats) {
  if (row == 0) return (struct entry){.person = options.second ? options.rows : 0};
  uint64_t mirrored = options.rows - 1 - row;
  uint64_t earlier = repeats || options.surnames > 0 ? next() % row : row;
  // Under another surname and another number, or at another clinic without an e-mail, nothing would tell who somebody is.
  int renamed = per_cent(options.surnames) && has_mail((unsigned)(options.second ? mirrored : earlier)) &&
    (options.second || !has_others_number(earlier));
  struct entry entry = {.person = row, .number = row, .is_renamed = renamed};
  if (options.second) entry.person = renamed || per_cent(options.known) ? mirrored : options.rows + row;
  else if (repeats || renamed) entry.person = entry.number = earlier;
  if (!repeats && !renamed && has_others_number(row)) entry.number = reused_number(entry.person, row);
  return entry;
}

// The details are those of a row, so that a patient who comes twice may have moved in between.
static void make_patient(struct entry entry, uint64_t details) {
  struct patient who = patient_of(entry.person);
  struct name written = *who.family;
  if (entry.is_renamed) written = later_names[entry.person % COUNT(later_names)];
  seed_row(2, details);
  char mail[FIELD_SIZE];
  unsigned place = below(COUNT(places));
  unsigned number = (unsigned)entry.number + 1;
  if (has_mrn(number - 1)) ADD("%08u", number);
  else add("");
  add_typed(who.given->written);
  add_typed(written.written);
  add_date(who.year, who.month, who.day);
  add_gender();
  if (has_mail(who.number)) {
    write_mail(mail, who);
    if (!options.clean && per_cent(15)) upper(mail);
    add_typed(mail);
  } else {
    add("");
  }
  add_phone();
  if (per_cent(15)) ADD("%u %s, Apt %u", 1 + below(9999), ANY(streets), 1 + below(90));
  else if (per_cent(2)) ADD("%u %s\nUnit %u", 1 + below(9999), ANY(streets), 1 + below(20));
  else ADD("%u %s", 1 + below(9999), ANY(streets));
  add_typed(places[place].city);
  add(places[place].state);
  ADD("%05u", places[place].zip);
  const char *note = per_cent(30) ? ANY(notes) : "";
  if (options.truth) ADD("person %llu", (unsigned long long)entry.person);
  else add(note);
  if (options.external) ADD(options.source_ids ? "%u" : "LEG-%u", number);
}

static void add_patient_reference(void) {
  uint64_t patients = options.patients ? options.patients : options.rows;
  unsigned number = (unsigned)(next() % patients);
  char mail[FIELD_SIZE];
  if (per_cent(options.unknown)) {
    ADD("%08u", 90000000 + number);
  } else if (has_mail(number) && per_cent(5)) {
    write_mail(mail, patient_of(number));
    add(mail);
  } else if (!has_mrn(number) || (options.external && per_cent(5))) {
    ADD("LEG-%u", number + 1);
  } else {
    ADD("%08u", number + 1);
  }
}

static void make_order(uint64_t number) {
  static const char *const clean_status[] = {"completed", "completed", "completed", "pending", "in_progress", "cancelled"};
  static const char *const typed_status[] = {"Completed", "completed", "COMPLETED", "Pending", "In Progress", "Canceled"};
  static const char *const clean_priority[] = {"routine", "routine", "urgent", "stat"};
  static const char *const typed_priority[] = {"Routine", "routine", "URGENT", "STAT"};
  seed_row(3, number);
  ADD("ORD-%07llu", (unsigned long long)number + 1);
  add_patient_reference();
  unsigned year = 2012 + below(13), month = 1 + below(12), day = 1 + below(25), status = below(6);
  add_date(year, month, day);
  add_typed(ANY(tests));
  add(options.clean ? clean_status[status] : typed_status[status]);
  add(options.clean ? ANY(clean_priority) : ANY(typed_priority));
  ADD("Dr. %s", ANY(family_names).written);
  add(ANY(facilities));
  add(ANY(departments));
  if (status < 3) {
    add_date(year, month, day + below(4));
    ADD("%u.%u", 4 + below(200), below(10));
    add(ANY(units));
  } else {
    add(""), add(""), add("");
  }
}

// What makes a record worthless, one thing at a time; `date` and `name` are columns.
static int dirty(int name, int date, int mail) {
  switch (below(mail < 0 ? 5 : 7)) {
    case 0: strcpy(row[date], "13/45/1980"); break;
    case 1: strcpy(row[date], "00/00/0000"); break;
    case 2: row[name][0] = 0; break;
    case 3: strcpy(row[date], "01/02/2199"); break;
    case 4: return 1;  // a row that is one cell short
    case 5: strcpy(row[mail], "not-an-address@"); break;
    default: memset(row[name], 'x', 150), row[name][150] = 0;
  }
  return 0;
}

// --- output

static char block[1 << 17];
static size_t used;

static void flush(void) {
  if (fwrite(block, 1, used, stdout) != used) exit(74);
  used = 0;
}
static void put(char byte) { block[used++] = byte; }
static void put_text(const char *text, size_t length) { memcpy(block + used, text, length), used += length; }

static void put_cell(const char *text) {
  size_t length = strlen(text);
  char separator = options.format == TSV ? '\t' : ',';
  if (!strpbrk(text, "\"\n") && !strchr(text, separator)) {
    put_text(text, length);
    return;
  }
  put('"');
  for (; *text; text++) {
    if (*text == '"') put('"');
    put(*text);
  }
  put('"');
}

static void put_json(const char *text) {
  put('"');
  for (; *text; text++) {
    if (*text == '\n') put('\\'), put('n');
    else {
      if (*text == '"' || *text == '\\') put('\\');
      put(*text);
    }
  }
  put('"');
}

static void put_row(const char *const *names, uint64_t number, int missing) {
  if (options.format == NDJSON) {
    char position[40];
    int length = snprintf(position, sizeof position, "{\"_row\":%llu", (unsigned long long)number + 2);
    put_text(position, (size_t)length);
    for (int i = 0; i < fields; i++) {
      if (options.clean && !row[i][0]) continue;
      put(','), put_json(names[i]), put(':'), put_json(row[i]);
    }
    put('}');
  } else {
    for (int i = 0; i < fields - missing; i++) {
      if (i) put(options.format == TSV ? '\t' : ',');
      put_cell(row[i]);
    }
  }
  if (options.crlf) put('\r');
  put('\n');
  if (used > sizeof block - 2 * MAX_FIELDS * FIELD_SIZE) flush();
}

static const char *const patient_names[2][13] = {
  {"Chart_No", "First_Name", "Last_Name", "DOB", "Sex", "Email_Address", "Phone_Number", "Address_1", "City", "State", "Zip",
   "Notes", "Legacy_ID"},
  {"mrn", "firstName", "lastName", "dateOfBirth", "gender", "email", "phone", "address", "city", "state", "zipCode", "notes",
   "externalId"}};
static const char *const order_names[2][12] = {
  {"Order_No", "Patient", "Ordered", "Test", "Status", "Priority", "Provider", "Facility", "Department", "Resulted", "Result",
   "Unit"},
  {"orderNumber", "patientIdentifier", "orderDate", "testType", "status", "priority", "orderingProvider", "facility",
   "department", "resultDate", "resultValue", "resultUnit"}};

static void put_header(const char *const *names, int count) {
  if (options.bom) put_text("\xef\xbb\xbf", 3);
  for (int i = 0; i < count; i++) strcpy(row[i], names[i]);
  fields = count;
  if (options.format != NDJSON) put_row(names, 0, 0);
}

// --- options

static void usage(FILE *out) {
  fputs(
    "usage: generate [OPTION ...]\n"
    "  --kind patients|orders     what each row is (patients)\n"
    "  --rows N, --start N        how many rows (1000), and which comes first (0)\n"
    "  --seed N                   the same seed gives the same rows (1)\n"
    "  --format csv|tsv|ndjson    (csv)\n"
    "  --form legacy|clean        as an old system exports it, or with the toolkit's fields and forms (legacy)\n"
    "  --patients N               orders belong to the first N patients (as many as there are rows)\n"
    "  --dirt P                   per cent of rows that cannot be loaded: dates, names, e-mails, short rows (0)\n"
    "  --duplicates P             per cent of rows that are an earlier patient again (0)\n"
    "  --unknown P                per cent of orders of a patient that there is not (0)\n"
    "  --external-ids             patients also have a Legacy_ID, and one in twenty no Chart_No\n"
    "  --source-ids               the same, and Legacy_IDs are plain numbers, as each clinic has them\n"
    "  --second P                 another clinic's patients, whose only ids are the same numbers; P per cent of rows are\n"
    "                             patients of the first as well\n"
    "  --households P             per cent of patients who use the e-mail of another (0)\n"
    "  --twins P                  per cent of patients with another's family name, birth date and e-mail (0)\n"
    "  --surnames P               per cent of rows that are a known patient with an e-mail, under another surname (0)\n"
    "  --reused P                 per cent of rows under the number of somebody else (0)\n"
    "  --truth                    Notes say who the patient is: two rows with the same notes are one person\n"
    "  --bom, --crlf              as spreadsheet programs write\n",
    out);
}

static void fail(const char *what, const char *about) {
  fprintf(stderr, "generate: %s %s\n", what, about);
  exit(64);
}

static int choose(const char *value, const char *first, const char *second, const char *third) {
  if (!strcmp(value, first)) return 0;
  if (!strcmp(value, second)) return 1;
  if (third && !strcmp(value, third)) return 2;
  fail("cannot take", value);
  return 0;
}

static double number_of(const char *value) {
  char *end;
  double number = strtod(value, &end);
  if (!*value || *end || number < 0) fail("not a number:", value);
  return number;
}

static void parse(int count, char **arguments) {
  for (int i = 1; i < count; i++) {
    const char *name = arguments[i];
    if (!strcmp(name, "--help")) usage(stdout), exit(0);
    if (!strcmp(name, "--external-ids")) { options.external = 1; continue; }
    if (!strcmp(name, "--source-ids")) { options.external = options.source_ids = 1; continue; }
    if (!strcmp(name, "--truth")) { options.truth = 1; continue; }
    if (!strcmp(name, "--bom")) { options.bom = 1; continue; }
    if (!strcmp(name, "--crlf")) { options.crlf = 1; continue; }
    const char *value = i + 1 < count ? arguments[++i] : (usage(stderr), exit(64), "");
    if (!strcmp(name, "--kind")) options.orders = choose(value, "patients", "orders", NULL);
    else if (!strcmp(name, "--format")) options.format = (enum format)choose(value, "csv", "tsv", "ndjson");
    else if (!strcmp(name, "--form")) options.clean = choose(value, "legacy", "clean", NULL);
    else if (!strcmp(name, "--rows")) options.rows = (uint64_t)number_of(value);
    else if (!strcmp(name, "--start")) options.start = (uint64_t)number_of(value);
    else if (!strcmp(name, "--seed")) options.seed = (uint64_t)number_of(value);
    else if (!strcmp(name, "--patients")) options.patients = (uint64_t)number_of(value);
    else if (!strcmp(name, "--dirt")) options.dirt = number_of(value);
    else if (!strcmp(name, "--duplicates")) options.duplicates = number_of(value);
    else if (!strcmp(name, "--unknown")) options.unknown = number_of(value);
    else if (!strcmp(name, "--households")) options.households = number_of(value);
    else if (!strcmp(name, "--twins")) options.twins = number_of(value);
    else if (!strcmp(name, "--surnames")) options.surnames = number_of(value);
    else if (!strcmp(name, "--reused")) options.reused = number_of(value);
    else if (!strcmp(name, "--second")) options.known = number_of(value), options.second = options.external = options.source_ids = 1;
    else fail("there is no option", name);
  }
}

int main(int count, char **arguments) {
  parse(count, arguments);
  const char *const *names = options.orders ? order_names[options.clean] : patient_names[options.clean];
  if (options.start == 0) put_header(names, options.orders ? 12 : 12 + options.external);
  for (uint64_t i = options.start; i < options.start + options.rows; i++) {
    seed_row(4, i);
    int repeats = !options.orders && !options.second && i > 0 && per_cent(options.duplicates);
    int spoilt = per_cent(options.dirt);
    struct entry entry = options.orders ? (struct entry){.person = i} : entry_of(i, repeats);
    fields = 0;
    if (options.orders) make_order(i);
    else make_patient(entry, i);
    int missing = spoilt ? (options.orders ? dirty(3, 2, -1) : dirty(2, 3, 5)) : 0;
    put_row(names, i, missing);
  }
  flush();
  return fclose(stdout) ? 74 : 0;
}
