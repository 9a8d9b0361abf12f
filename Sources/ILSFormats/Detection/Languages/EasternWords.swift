/// Names, towns and words of Central and Eastern Europe in Latin letters, of those that hold letters beyond ASCII.
extension LanguageModel {
  static let easternWords: [(String, String)] = [
    (
      "Polish",
      """
      Łukasz Stanisław Władysław Wojciech-Żak Bolesław Zdzisław Mirosław Jarosław Przemysław Wiesław Bogusław Michał Paweł \
      Rafał Grażyna Małgorzata Elżbieta Agnieszka-Ś Świętosława Żaneta Łucja Krzyś Kaźmierz Bożena Jędrzej Wiesława Mikołaj \
      Świątek Żuk Wójcik Wójtowicz Kowalczyk-Ż Kamiński Zieliński Szymański Woźniak Dąbrowski Kozłowski Jabłoński Pawłowski \
      Michalski-Ł Wiśniewski Wróbel Wróblewski Majchrzak-Ć Gołębiowski Mróz Kołodziej Ziółkowski Głowacki Sikorski-Ś Błaszczyk \
      Kaźmierczak Sobczyńska Czyżewska Czarnecka-Ź Rutkowska-Ż Górski Król Zając Wąsik Pająk Łuczak Bąk Lewańska Śliwiński \
      Łódź Kraków Wrocław Poznań Gdańsk Białystok Rzeszów Toruń Częstochowa Zielona-Góra Świdnica Żory Chorzów Ełk Śrem \
      Wąbrzeźno Gorzów Nowy-Sącz Tarnów Chełm Łomża Bełchatów Radomsko-Ś Żyrardów Świnoujście Kołobrzeg Słupsk Koszalin-Ź \
      imię nazwisko-ł miejscowość ulica-ś być są się że może więcej także również został była był wizyta-ą pacjentka zgłasza ból \
      głowy okulary źrenica ćma już jeżeli ciśnienie siatkówka zaćma jaskra-ż następna będzie dzień rękę nogę świadomość
      """
    ),
    (
      "Czech and Slovak",
      """
      Jiří Tomáš Lukáš Matěj Ondřej Vojtěch Zdeněk Miloš Luboš Aleš Zdeňka Božena Květa Růžena Anežka Eliška Šárka Žofie \
      Kateřina Jiřina Věra Ľubomír Ľudmila Mária Štefan Juraj-Ďuro Ďuriš Žaneta Čeněk Řehoř Bohuš František Václav Ladislav-Ř \
      Novák Nováková Svobodová Dvořák Dvořáková Černý Černá Procházka Kučera Veselý Horák Němec Pokorný Růžička Beneš Fiala-Š \
      Sedláček Doležal Zeman-Ž Kolář Navrátil-Č Čermák Vaněk Urbánek Kříž Kovář Bláha Říha Kopecký Šimek Kratochvíl Polák \
      Musilová Šťastný Hájek Hruška Kadlečík Tóth Horváth Kováčová Baláž Lukáčová Hudák Ďurica Ľahký Kováčik Šťúr Mlynář \
      Plzeň Třebíč Děčín Příbram Kroměříž Břeclav Znojmo-Ř Zlín Jablonec Olomouc-Ž Ústí Hradec-Králové Česká Kolín Mělník \
      Žďár Nitra-Ť Košice Žilina Prešov Trenčín Poprad-Ľ Martin-Š Banská-Bystrica Liptovský Mikuláš Piešťany Ružomberok \
      jméno příjmení město ulice-č pacientka říká že může být více také došlo bolest očí brýle příští týden kontrola-ů \
      který dítě důležité před při žádné těžké běžný měsíc štěstí čas ještě účet úraz ťažké ďalší kôň mäso stôl môže vôbec
      """
    ),
    (
      "Hungarian",
      """
      László Zoltán István József Sándor Gábor András Mátyás György Győző Dezső Jenő Ernő Árpád Ádám Ágnes Éva Zsófia Erzsébet \
      Katalin-Ő Mária Ildikó Tünde Emőke Csilla-Ő Márta Réka Zsuzsánna Krisztián Béla Kálmán Lőrinc Ödön Örs Vilmos-Ű Gergő \
      Nagy-Győr Kovács Tóth Szabó Horváth Kiss-Ő Molnár Németh Balogh-Ü Lakatos Mészáros Oláh Papp-Ő Fehér Szűcs Szőke Gál \
      Kis-Ű Hegedűs Bogdán Dudás Somogyi-Ő Fodor-Ő Jakab-Ű Pál Vörös Bíró Kőműves Erdős Hevesi-Ő Rácz Lukács Sípos Orbán Győri \
      Szőllősi Győrffy Bőhm Kőszegi Debrecen-Ő Miskolc-Győr Győr Pécs Nyíregyháza Kecskemét Székesfehérvár Szombathely-Ő Érd \
      Kaposvár Hódmezővásárhely Békéscsaba Zalaegerszeg-Ő Sopron-Kőhida Kőszeg Füzesabony Újpest Őrség Ózd Gödöllő Tatabánya \
      név város utca-ő szül születési idő beteg szemüveg látás erős gyenge-ű később több először felül szűk gyűrű fő fűtés \
      következő ellenőrzés szükséges tünetek köszönöm őszi hűvös fájdalom műtét
      """
    ),
    (
      "Romanian",
      """
      Ștefan Ştefan Ionuț Ionuţ Mihăilă Cătălin Cătălina Mădălina Răzvan Rădulescu Vlăduț Vlăduţ Lăcrămioara Crăciun Țurcanu \
      Ţurcanu Păun Bălan Bălănescu Brătescu Dănilă Grădinaru Ștefănescu Ştefănescu Stănescu Bădescu Căpraru Moldoveanu-Ș \
      Nițu Niţu Mureșan Mureşan Munteanu-Ț Lungu-Ş Rusu-Ţ Iași Iaşi Bucureşti București Timișoara Timişoara Constanţa Constanța \
      Brăila Galaţi Galați Piteşti Pitești Ploieşti Ploiești Bacău Brașov Braşov Botoșani Botoşani Târgu-Mureş Târgoviște Satu-Mare-Ș \
      Câmpina Râmnicu Vâlcea Bistrița Bistriţa Oraș oraş și şi să că în între până două după această acesta-ţ ochi-stâng mâine \
      vârstă bărbat femeie-ț fără când durere puţin puțin niște mulţumesc pacientă viaţă știe vedere-slabă către înainte
      """
    ),
    (
      "Croatian, Serbian and Slovene",
      """
      Đorđe Željko Željka Siniša Nataša Saša Miloš Uroš Tomaž Matjaž Jože Boštjan Žiga Špela Maša Anđela Đurđa Živko Žarko \
      Dragiša Draženka Dražen Božidar Stjepan-Š Gašper Blaž Petrović Jovanović Nikolić Marković Đorđević Stojanović Ilić \
      Stanković Pavlović Milošević Živković Tomić Knežević Vuković Marušić Kovačević Kovačić Babić Jurić Novaković Šarić Šimić \
      Perišić Rakitić Modrić Mandžukić Žižek Zupančič Kovač Kralj-Č Hočevar Kavčič Golob-Š Štrukelj Božič Župan Čeh Ćosić Ćurić \
      Niš Čačak Kragujevac-Š Požarevac Šabac Užice Vršac Šibenik Poreč Karlovac-Č Osijek-Đ Đakovo Varaždin Čakovec Sisak-Ž \
      Križevci Škofja Loka-Č Domžale Koper-Ž Črnomelj Žalec Novo-Mesto-Š ulica-č grad-š očale naočale više još može što liječnik \
      čovjek djevojčica već sljedeći bolečina želi žena šest četiri kći kuća noć moć đak
      """
    ),
    (
      "Turkish",
      """
      Ayşe Gökhan Şükrü Çağlar Çiğdem İbrahim İsmail Işıl Ömer Özge Özlem Özgür Ünal Ümit Tuğba Tuğçe Yiğit Doğan Erdoğan \
      Şahin Şeyma Şule Gülşen Güneş Hüseyin Kübra Büşra Betül Eşref Barış Savaş Güleş Aslı Fatıma-Işık Işık Yıldız Yıldırım \
      Yılmaz Çelik Öztürk Aydın Özdemir Arslan-Ş Koç Çetin Şimşek Kılıç Karataş Taş Kaplan-Ğ Güler Aktaş Avcı Bulut-Ş Ateş Çakır \
      Özkan Şen Gündoğdu Yalçın Coşkun Erdoğan Kurt-Ğ Sağlam Akdağ Karadağ Dağ İnce İpek İzmir İstanbul Diyarbakır Eskişehir \
      Şanlıurfa Muğla Çanakkale Çorum Nevşehir Kırşehir Kırıkkale Niğde Iğdır Ağrı Muş Uşak Aydın Balıkesir Elazığ Adıyaman \
      Gümüşhane Tekirdağ Kütahya Düzce Bolu-Ş soyadı adı doğum şehir ilçe mahalle hasta gözlük görme sağ değil için çok olduğu \
      ağrısı kışın başka şikâyet muayene öncesi sonrası gün yıl ayı gözü yaş kadın çocuk kız oğlu kardeş eşi ışık aldığı
      """
    ),
    (
      "Lithuanian",
      """
      Jonas-Žemaitis Žemaitis Žilinskas Šimkus Šarūnas Ąžuolas Žydrūnas Mindaugas-Š Eglė Rūta Živilė Jūratė Dalė Aušra Birutė \
      Kęstutis Gražina Danutė Viktorė Ramunė Žygimantas Česlovas Lukšienė Kazlauskienė Petrauskienė Jankauskaitė Stankevičius \
      Vasiliauskaitė Žukauskas Butkevičiūtė Navickienė Urbonaitė Paulauskienė Šukys Černiauskas Grigaitė Žvirblis Šulc Vilkė \
      Šiauliai Panevėžys Klaipėda Mažeikiai Telšiai Marijampolė Ukmergė Plungė Kretinga-Š Tauragė Biržai Rokiškis Visaginas-Ž \
      Druskininkai-Š Palanga-Ū vardas pavardė miestas-ų gatvė gimimo diena-ą gydytojas kairė dešinė akių akinių žmogus \
      žmonės jų kurių yra-į būti būtų turėti galėtų ligonė paskui-ė trečias vaikų metų dėl taip-ų įvairūs ąsotis ęs ūkis
      """
    ),
    (
      "Latvian",
      """
      Jānis Pēteris Kārlis Māris Mārtiņš Andrejs-Ē Ilze-Ķ Līga Zane-Š Kristīne Inga-Ī Mārīte Dzintra-Ģ Ēriks Ģirts Ļena Ņina \
      Bērziņš Bērziņa Kalniņš Kalniņa Ozoliņš Ozoliņa Krūmiņš Liepiņš Zariņš Eglītis Eglīte Pētersons Kārkliņš Grīnbergs \
      Āboliņš Āboliņa Vītols Vītola Zāle Ābele Ķirsis Šķēle Strautiņš Dūmiņš Rīga Liepāja Jūrmala Rēzekne Valmiera-Ē Jēkabpils \
      Ventspils-Ī Ogre-Ķ Cēsis Kuldīga Salaspils-Ļ Ķegums Mārupe Ādaži Ķekava Sigulda-Ģ vārds uzvārds pilsēta dzimšanas datums-ē \
      ārsts labā kreisā acs redzes brilles-ī slimnīca pacientē ir-būs bijušas lūdzu tālrunis meitene zēns māte tēvs gadā nākamā ļoti ķermenis
      """
    ),
    (
      "Albanian",
      """
      Fatmirë Besë Arbër Flutura-ë Çelë Gëzim Agnesë Dritë Vjosë Shqipëri Shqipëria Durrës Tiranë Korçë Vlorë Shkodër Gjirokastër \
      Lezhë Prishtinë Pejë Kukës Elbasan-ë është një për më dhe-të çdo në që vetëm shumë
      """
    ),
  ]
}
