"""Two invented British practices for ils2-clinic: their exports, the mappings of these, and what each row must hold.

  ils2_clinic.py generate FOLDER COMPANY ROWS     patients, orders, examinations, prescriptions, dispenses, bookings
  ils2_clinic.py compare FOLDER COMPANY           reads rows as NDJSON from stdin: {"table": ..., "row": {...}}

Both number everything from 1 under one import source. The first writes CSV files with a column an eye and value, the second
workbooks with a lens a cell. The truth is kept beside them, and is made of the numbers that the exports were written from.
"""
import csv, datetime, json, os, random, sys, zipfile
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

SHARES = {"patients": 1, "orders": 3, "examinations": 2, "prescriptions": 2, "dispenses": 1, "bookings": 0.5}
TABLES = {
    "patients": "patients", "orders": "orders", "examinations": "eye_examinations", "prescriptions": "prescriptions",
    "dispenses": "dispense_records", "bookings": "appointment_bookings"}
STATUS = {"Collected": "completed", "At lab": "in_production", "Cancelled": "cancelled", "Ordered": "pending"}
FIRST = "Elsie Harriet Rhys Siân Zoë Niamh Callum Priya Tomasz Łukasz Mary-Anne Dafydd Aoife Ewan".split()
LAST = ["Ashdown", "O'Rourke", "Penhaligon", "Smith-Carter", "MacAllister", "ap Gwynn", "Żukowski", "Bhatt", "van Loon"]


class Practice:
    def __init__(self, company, rows):
        self.company, self.rows = company, rows
        self.random = random.Random(company)
        self.is_workbook = company != "co-a"
        self.exports, self.truth = {}, {}

    # --- values

    def day(self, first, last):
        start = datetime.date(first, 1, 1)
        return start + datetime.timedelta(self.random.randrange((datetime.date(last, 1, 1) - start).days))

    def nhs_number(self, at):
        """Nine digits of their own for each patient of each practice, and the check digit."""
        while True:
            digits = [int(d) for d in f"{self.random.randrange(400, 500)}{at:05d}{self.random.randrange(10)}"]
            check = 11 - sum((10 - i) * d for i, d in enumerate(digits)) % 11
            check = 0 if check == 11 else check
            if check < 10:
                return "".join(map(str, digits)) + str(check)

    def lens(self):
        """Sphere, cylinder and axis in hundredths of a dioptre and degrees, and the addition."""
        cylinder = self.random.choice([0, 0, -25, -50, -125, -275])
        axis = self.random.randrange(1, 181) if cylinder else None
        return self.random.randrange(-32, 24) * 25, cylinder, axis, self.random.choice([None, 150, 225])

    # --- as an export writes them

    @staticmethod
    def british(day):
        return day.strftime("%d/%m/%Y")

    def cells(self, lens):
        sphere, cylinder, axis, add = lens
        power = f"{sphere / 100:+.2f}" if sphere else self.random.choice(["Plano", "PL", "0.00"])
        if not self.is_workbook:
            return [
                power, f"{cylinder / 100:.2f}" if cylinder else self.random.choice(["DS", "0.00"]),
                self.random.choice([f"{axis:03d}", f"x{axis}", f"{axis}°"]) if axis else "", f"+{add / 100:.2f}" if add else ""]
        text = f"{power} / {cylinder / 100:.2f} x {axis}" if cylinder else f"{power} DS"
        return [text + (f" add +{add / 100:.2f}" if add else "")]

    @staticmethod
    def columns(eye, lens):
        sphere, cylinder, axis, add = lens
        return {
            f"{eye}_sphere": sphere / 100, f"{eye}_cylinder": cylinder / 100 if cylinder or Practice.keeps_zero else None,
            f"{eye}_axis": axis, f"{eye}_add": add / 100 if add else None}

    keeps_zero = True

    def eye_header(self):
        if self.is_workbook:
            return ["R Rx", "L Rx"]
        return [f"{eye} {part}" for eye in "RL" for part in ("Sph", "Cyl", "Axis", "Add")]

    def eye_mappings(self):
        if self.is_workbook:
            return [
                {"sourceField": f"{eye} Rx", "targetField": field + part.capitalize(),
                 "transform": {"transform": "prescription", "part": part}}
                for eye, field in (("R", "od"), ("L", "os")) for part in ("sphere", "cylinder", "axis", "add")]
        kinds = {"Sph": ("Sphere", "diopter"), "Cyl": ("Cylinder", "diopter"), "Axis": ("Axis", "axis"), "Add": ("Add", "diopter")}
        return [
            {"sourceField": f"{eye} {part}", "targetField": field + kinds[part][0], "transform": kinds[part][1]}
            for eye, field in (("R", "od"), ("L", "os")) for part in kinds]

    # --- the entities

    def make(self):
        Practice.keeps_zero = not self.is_workbook
        for name in SHARES:
            getattr(self, name)()
        return self

    def count(self, name):
        return int(SHARES[name] * self.rows)

    def put(self, name, header, rows, mappings):
        self.exports[name] = (header, rows, mappings)

    def expect(self, entity, key, **columns):
        self.truth.setdefault(entity, {})[key] = columns

    @staticmethod
    def plain(fields, **transforms):
        """Mappings of header names to fields."""
        made = []
        for source, target in fields.items():
            transform = transforms.get(target, "trim")
            made.append({"sourceField": source, "targetField": target, "transform": transform})
        return made

    DATE = {"transform": "date_format", "input": "DD/MM/YYYY"}

    def patients(self):
        rows = []
        self.people = []
        for at in range(self.count("patients")):
            number, first, last = f"{at + 1:06d}", self.random.choice(FIRST), f"{self.random.choice(LAST)} {at:x}"
            born = self.day(1932, 2018)
            nhs = None if at % 6 == 0 else self.nhs_number(at if not self.is_workbook else at + 50000)
            mail = None if at % 5 == 0 else f"family{at // 3}@example.com"
            postcode = f"PO{self.random.randrange(1, 20)} {self.random.randrange(1, 10)}{self.random.choice('ABDE')}{self.random.choice('FGHJ')}"
            notes = 'Said "ring first",\nthen text' if at % 97 == 7 else None
            self.people.append(number)
            rows.append([
                number, first, last, self.british(born), nhs and f"{nhs[:3]} {nhs[3:6]} {nhs[6:]}", "12 High Street", "Emsworth",
                "Hampshire", postcode.replace(" ", "") if at % 4 == 0 else postcode.lower(), f"07700 900{at % 1000:03d}",
                mail, notes])
            self.expect(
                "patients", number, name=f"{first} {last}", date_of_birth=born.isoformat(), nhs_number=nhs,
                address_line_1="12 High Street", city="Emsworth", county="Hampshire", postcode=postcode,
                mobile_phone=f"+447700900{at % 1000:03d}", email=mail, patient_notes=notes, import_source="optix")
        mappings = self.plain(
            {"Patient No": "externalId", "DOB": "dateOfBirth", "NHS No": "nhsNumber", "Address": "addressLine1", "Town": "city",
             "County": "county", "Postcode": "postcode", "Mobile": "mobilePhone", "Email": "email", "Notes": "patientNotes"},
            dateOfBirth=self.DATE, nhsNumber="nhs_number", postcode="uk_postcode",
            mobilePhone={"transform": "phone_e164", "region": "GB"}, email=["lowercase", "empty_to_null"], patientNotes="empty_to_null")
        mappings.append({"sourceFields": ["Forename", "Surname"], "join": " ", "targetField": "name", "transform": "trim"})
        self.put("patients", "Patient No,Forename,Surname,DOB,NHS No,Address,Town,County,Postcode,Mobile,Email,Notes".split(","), rows, mappings)

    def orders(self):
        rows, self.order_patients = [], []
        for at in range(self.count("orders")):
            number, patient, day = f"H{at + 1}", self.random.choice(self.people), self.day(2021, 2026)
            right, left = self.lens(), self.lens()
            status, distance = self.random.choice(list(STATUS)), self.random.choice([None, 62, 63.5])
            self.order_patients.append((number, patient, day))
            rows.append([number, patient, self.british(day), status, *self.cells(right), *self.cells(left), distance, "SV", "CR39", "MAR"])
            self.expect(
                "orders", number, order_number=f"{self.company}-{number}", patient=patient, order_date=day.isoformat() + "T00:00:00",
                status=STATUS[status], pd=distance, lens_type="SV", lens_material="CR39", coating="MAR",
                **self.columns("od", right), **self.columns("os", left))
        mappings = self.plain(
            {"Order No": "externalId", "Patient No": "patientIdentifier", "Ordered": "orderDate", "Lens": "lensType",
             "Material": "lensMaterial", "Coating": "coating"}, orderDate=self.DATE)
        mappings += [
            {"sourceField": "Order No", "targetField": "orderNumber", "transform": {"transform": "append", "prefix": self.company + "-"}},
            {"sourceField": "Status", "targetField": "status", "values": STATUS},
            {"sourceField": "PD", "targetField": "pd", "transform": {"transform": "pupillary_distance", "part": "binocular"}}]
        header = ["Order No", "Patient No", "Ordered", "Status", *self.eye_header(), "PD", "Lens", "Material", "Coating"]
        self.put("orders", header, rows, mappings + self.eye_mappings())

    def examinations(self):
        rows, self.exams = [], []
        for at in range(self.count("examinations")):
            number, patient, day = f"E{at + 1}", self.random.choice(self.people), self.day(2021, 2026)
            acuity = self.random.choice(["6/6", "6/9-2", "CF"]), self.random.choice(["6/5", "6/7.5"])
            pressure = self.random.randrange(10, 24), self.random.randrange(10, 24)
            self.exams.append((number, patient, day))
            rows.append([number, patient, self.british(day), "Routine", *acuity, *pressure])
            self.expect(
                "examinations", number, patient=patient, examination_date=day.isoformat() + "T00:00:00", reason_for_visit="Routine",
                visual_acuity={"right": acuity[0], "left": acuity[1]}, tonometry={"right": pressure[0], "left": pressure[1]})
        mappings = self.plain(
            {"Exam No": "externalId", "Patient No": "patient", "Exam Date": "examinationDate", "Reason": "reasonForVisit"},
            examinationDate=self.DATE)
        for target, source, number in (("visualAcuity", "VA", ""), ("tonometry", "IOP", "Number")):
            pair = f"(v, r) => ({{right: {number}(r['{source} R']), left: {number}(r['{source} L'])}})"
            mappings.append({"sourceField": f"{source} R", "targetField": target, "transform": "custom", "customTransform": pair})
        self.put("examinations", "Exam No,Patient No,Exam Date,Reason,VA R,VA L,IOP R,IOP L".split(","), rows, mappings)

    def prescriptions(self):
        rows, self.lenses = [], []
        for at in range(self.count("prescriptions")):
            number, (exam, patient, day) = f"X{at + 1}", self.exams[at]
            exam = None if at % 5 == 0 else exam
            right, left, distances = self.lens(), self.lens(), (self.random.choice([31.5, 32]), self.random.choice([31, 32.5]))
            self.lenses.append((number, patient))
            rows.append([number, exam, patient, self.british(day), *self.cells(right), *self.cells(left), *distances, "01-10001"])
            self.expect(
                "prescriptions", number, patient=patient, examination=exam, issue_date=day.isoformat() + "T00:00:00",
                pd_right=distances[0], pd_left=distances[1], prescriber_goc_number="01-10001",
                **self.columns("od", right), **self.columns("os", left))
        mappings = self.plain(
            {"Rx No": "externalId", "Exam No": "examination", "Patient No": "patient", "Issued": "issueDate", "PD R": "pdRight",
             "PD L": "pdLeft", "GOC": "prescriberGocNumber"},
            issueDate=self.DATE, pdRight="to_float", pdLeft="to_float", examination="empty_to_null")
        header = ["Rx No", "Exam No", "Patient No", "Issued", *self.eye_header(), "PD R", "PD L", "GOC"]
        self.put("prescriptions", header, rows, mappings + self.eye_mappings())

    def dispenses(self):
        rows = []
        goc = "01-10001" if not self.is_workbook else "01-10002"
        for at in range(self.count("dispenses")):
            number, (order, patient, day) = f"D{at + 1}", self.order_patients[at]
            own = [lens for lens, whose in self.lenses[:50] if whose == patient] if at < 100 else []
            lens = own[0] if own else None
            rows.append([number, order, patient, lens, self.british(day), "Ada Holt", goc])
            self.expect(
                "dispenses", number, order=order, patient=patient, prescription=lens, dispense_date=day.isoformat() + "T00:00:00",
                dispenser_name="Ada Holt", dispenser_goc_number=goc, dispensed_by_user_id="ecp-" + self.company[-1])
        mappings = self.plain(
            {"Disp No": "externalId", "Order No": "order", "Patient No": "patient", "Rx No": "prescription", "Date": "dispenseDate",
             "Dispenser": "dispenserName", "GOC": "dispenserGocNumber"}, dispenseDate=self.DATE, prescription="empty_to_null")
        self.put("dispenses", "Disp No,Order No,Patient No,Rx No,Date,Dispenser,GOC".split(","), rows, mappings)

    def bookings(self):
        rows = []
        for at in range(self.count("bookings")):
            number, patient, day = f"A{at + 1}", self.random.choice(self.people), self.day(2027, 2029)
            minute = self.random.randrange(9, 17) * 60 + self.random.choice([0, 20, 40])
            start, end = (f"{m // 60:02d}:{m % 60:02d}" for m in (minute, minute + 20))
            moment = datetime.datetime.combine(day, datetime.time(minute // 60, minute % 60), ZoneInfo("Europe/London"))
            rows.append([number, patient, self.british(day), start, end, 20, "Sight test"])
            self.expect(
                "bookings", number, patient=patient, date=moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+00:00"),
                start_time=start, end_time=end, duration=20, appointment_type="Sight test")
        mappings = self.plain(
            {"Appt No": "confirmationCode", "Patient No": "patient", "Date": "date", "Start": "startTime", "End": "endTime",
             "Mins": "duration", "Type": "appointmentType"}, date=self.DATE, duration="to_integer")
        self.put("bookings", "Appt No,Patient No,Date,Start,End,Mins,Type".split(","), rows, mappings)

    # --- files

    def write(self, folder):
        for name, (header, rows, mappings) in self.exports.items():
            at = f"{folder}/{self.company}-{name}"
            rows = [[("" if cell is None else str(cell)) for cell in row] for row in rows]
            if self.is_workbook:
                write_workbook(at + ".xlsx", [header] + rows)
            else:
                with open(at + ".csv", "w", newline="", encoding="utf-8") as file:
                    csv.writer(file).writerows([header] + rows)
            with open(at + ".map.json", "w") as file:
                json.dump({"mappings": mappings}, file, ensure_ascii=False)
        with open(f"{folder}/{self.company}.truth.json", "w") as file:
            json.dump(self.truth, file)


def write_workbook(path, rows):
    """The least that is a workbook: one sheet, texts in its cells."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006/"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    cell = '<c t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>'
    body = "".join("<row>" + "".join(cell.format(escape(text)) for text in row) + "</row>" for row in rows)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{packages}content-types"><Default Extension="rels" ContentType="application/'
        'vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{packages}relationships"><Relationship Id="r1" Type="{kinds}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {space} xmlns:r="{kinds}"><sheets><sheet name="Export" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}relationships"><Relationship Id="r1" '
        f'Type="{kinds}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {space}><sheetData>{body}</sheetData></worksheet>"}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)


def compare(folder, company):
    """Prints how many rows and fields were held against the truth, and how many differ."""
    truth = json.load(open(f"{folder}/{company}.truth.json"))
    names = {table: name for name, table in TABLES.items()}
    found, fields, wrong = {}, 0, []
    for line in sys.stdin:
        row = json.loads(line)
        name = names[row["table"]]
        key = row["row"]["confirmation_code" if name == "bookings" else "external_id"]
        expected = truth[name].get(key)
        if expected is None or key in found.setdefault(name, set()):
            wrong.append(f"{name} {key}: is there, and should not be")
            continue
        found[name].add(key)
        for column, value in {**expected, "company_id": company}.items():
            fields += 1
            if row["row"].get(column) != value:
                wrong.append(f"{name} {key} {column}: {row['row'].get(column)!r}, not {value!r}")
    for name, rows in truth.items():
        wrong += [f"{name} {key}: is not there" for key in rows if key not in found.get(name, ())]
    for line in wrong[:20]:
        print(line)
    print(f"{company}: {sum(map(len, found.values()))} rows, {fields} fields, {len(wrong)} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    verb, folder, company = sys.argv[1:4]
    if verb == "compare":
        sys.exit(compare(folder, company))
    os.makedirs(folder, exist_ok=True)
    Practice(company, int(sys.argv[4])).make().write(folder)
