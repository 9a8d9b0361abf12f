/// Names, towns and words of Western and Northern Europe, of those that hold letters beyond ASCII.
extension LanguageModel {
  static let westernWords: [(String, String)] = [
    (
      "French",
      """
      André Renée René Hélène Jérôme François Françoise Éric Élise Étienne Zoé Chloé Léa Noémie Cécile Frédéric Sébastien \
      Stéphane Stéphanie Aurélie Amélie Benoît Loïc Gaël Gaëlle Joël Noël Maël Anaïs Raphaël Mickaël Valérie Mélanie Gérard \
      Véronique Geneviève Thérèse Michèle Hervé Cédric Jérémy Grégory Rémi Rémy Honoré Désirée Inès Solène Agnès Mégane \
      Lefèvre Lefébvre Gauthiér Légér Hébert Bérard Béranger Chrétien Rivière Barrière Fournière Lévêque Évrard Forêt Château \
      Côté Bélanger Lévesque Pâquet Gagné Guérin Géroux Mérieux Sémard Orléans Besançon Béziers Nîmes Châlons Châteauroux \
      Mâcon Évreux Évry Créteil Sète Angoulême Périgueux Saint-Étienne Vénissieux Épinal Chambéry Alès Québec Montréal \
      Trois-Rivières Genève Neuchâtel Bâle Liège Besançon patiente âgée préfère été opéré opérée à dû où très même présente \
      après fenêtre lunettes cataracte décollement rétine œil cœur sœur mère père frère né née décès décédé rendez-vous \
      téléphone prénom numéro médecin médecine hôpital hôtel côté gêne léger légère sévère contrôle répété français française \
      garçon reçu leçon ça maïs naïf août boîte connaît forêt tête fête être arrêt bâtiment pâle âge théâtre élève \
      référence résultat équipé étage école état éviter dépistage problème système modèle vérifié traité diabète allergie
      """
    ),
    (
      "German",
      """
      Müller Jürgen Günther Günter Björn Jörg Jörn Käthe Bärbel Sören Jürgens Schröder Schäfer Köhler König Krüger Böhm \
      Lückert Möller Köster Vögel Vogel-Jäger Jäger Bäcker Förster Schütz Schütze Grün Weiß Groß Großmann Strauß Preuß Heß \
      Hänsel Händel Röntgen Schön Schönfeld Höfer Hölzl Österreicher Özil Löwe Bühler Kühn Kühne Führer Brückner Stöckl \
      München Köln Düsseldorf Nürnberg Göttingen Würzburg Tübingen Lübeck Mönchengladbach Münster Osnabrück Saarbrücken \
      Zürich Österreich Graz-Süd Straße Hauptstraße Bahnhofstraße Schloßstraße Gärtnerweg Mühlenweg Höhe Größe Vorname \
      Geschäft Ärztin Ärzte Männlich männlich für über möchte können müssen während spät früher später Übelkeit Schwäche \
      Prüfung Brille Gläser Gleitsicht Entzündung Nähe Trübung Hornhautverkrümmung Augenärztin Überweisung Größe Äußerung \
      Lösung Tränen Rötung Müdigkeit Höhenangst Blutzuckerwerte erhöht trägt fährt läuft schläft gehört größer ungefähr \
      Änderung Öffnung Übung Büro Tür natürlich Straßen heißt weiß groß süß Maß Fuß dreißig Geißler Meißner Reißmann Beißner Fleißig Meißen heißen außer außerdem regelmäßig
      """
    ),
    (
      "Spanish",
      """
      José María Jesús Ángel Andrés Martín Sebastián Nicolás Tomás Óscar Raúl Iván Germán Adrián Julián Fabián Rubén Inés \
      Sofía Lucía Mónica Verónica Ramón Simón Joaquín Agustín Benjamín Víctor Héctor Álvaro Begoña Íñigo Iñaki Concepción \
      Asunción Belén Rocío Débora Noé Moisés Rosalía Ángela García Rodríguez González Hernández López Martínez Pérez Sánchez \
      Ramírez Gómez Fernández Díaz Álvarez Jiménez Gutiérrez Vázquez Muñoz Ibáñez Núñez Peña Ordóñez Castañeda Zúñiga Suárez \
      Domínguez Benítez Méndez Márquez Cortés Leñero Ríos Solís Valdés Beltrán Durán Galán Marín Farías Mejía Cárdenas Cáceres \
      Málaga Cádiz Córdoba León Logroño Coruña Ávila Jaén Almería Mérida México Bogotá Medellín Cúcuta Asunción Tucumán \
      Yucatán Michoacán Perú Panamá España Español niño niña señor señora año años mañana teléfono dirección médico médica \
      atención visión operación también está después además óptica cirugía hipertensión presión lesión revisión día sí más \
      número página código así aquí según qué cómo cuándo dónde él última próxima cita análisis clínica diagnóstico
      """
    ),
    (
      "Portuguese",
      """
      João José António Antônio Conceição Assunção Simão Sebastião Gonçalo Gonçalves Magalhães Guimarães Simões Brandão Leão \
      Falcão Mourão Frazão Galvão Aragão Beltrão Estêvão Inês Mónica Mônica Patrícia Cláudia Sônia Sónia Vânia Tânia Fábio \
      Flávio Márcio Sérgio Mário Rogério Vinícius Luís Luísa Tomás Júlia Júlio Lúcia César André Thaís Taís Aloísio Araújo \
      Sá Sousa-Pêra França Bragança Lourenço Mendonça Assis Conceição Nóbrega Távora Távares Antunes-Mação Ilídio Estêvão \
      São Paulo Brasília Goiânia Belém Maceió Cuiabá Florianópolis Ribeirão Niterói Évora Setúbal Guarda-Sé Santarém \
      Bragança Portimão Covilhã Vitória Paraná Ceará Maranhão Amapá Rondônia não são então também já até há é está visão \
      operação atenção pressão revisão lesão coração mãe irmã irmão mão limões situações relações informação avaliação \
      médico clínica óculos lentes direção endereço número telefone mês três você avó avô pêssego força cabeça doença \
      açúcar preço serviço à às língua água fácil possível após úlcera última próxima
      """
    ),
    (
      "Italian",
      """
      Nicolò Niccolò Noè Mosè Giosuè Salomè Zoè Forlì Cantù Patanè Calabrò Nicosìa Aloè Mannarà Cefalù Agrò Tafurì Bonfà \
      Caputò Scalfarò Mondovì Cuccurù Cirrì Sanità città università qualità età attività società libertà verità perché \
      poiché né così lunedì martedì mercoledì giovedì venerdì più già può è però farà sarà verrà lì là giù tè caffè virtù \
      cecità acuità densità cornea opacità dovrà potrà affinché anziché papà metà novità nazionalità località
      """
    ),
    (
      "Dutch",
      """
      Zoë Noël Daniël Daniëlle Michaël Raphaël Joël Anaïs Loïs Chloë Esmée Renée André Cornée Désirée Ruël Beëlzen Coëvorden \
      België Australië Italië Indonesië oriëntatie geïnteresseerd beëindigd coördinatie patiënt patiënten patiënte cliënt \
      cliënte één vóór reünie ideeën zeeën knieën geüniformeerd financiële officiële efficiënt variëren allergieën
      """
    ),
    (
      "Swedish",
      """
      Åsa Åke Björn Göran Östen Jörgen Sören Håkan Mårten Pär Märta Görel Gösta Märit Jönsson Jönköping Björk Sjöberg Åberg \
      Åkesson Öberg Öhman Lindström Bergström Nyström Sjöström Söderberg Söderström Höglund Hägg Hägglund Lönn Möller Åström \
      Sandström Engström Hellström Holmström Östlund Åkerlund Nordström Malmö Göteborg Västerås Örebro Umeå Luleå Växjö \
      Borås Gävle Skövde Östersund Linköping Norrköping Helsingör Hässleholm Ängelholm Landskrona-Ö Södertälje Täby Härnösand \
      Ålder kön första får går står år också från två många måste före öga ögat höger vänster närsynt glasögon \
      försämring synskärpa återbesök läkare sjuksköterska överkänslig påverkan mår blåser länge även däremot själv gör hör
      """
    ),
    (
      "Danish and Norwegian",
      """
      Søren Jørgen Bjørn Bjørg Øystein Øyvind Åse Åge Asbjørn Torbjørn Mathæus Lærke Jørn Åsmund Håkon Håvard Pål Kåre Mære \
      Sørensen Jørgensen Østergård Kjær Nørgaard Skjødt Møller Nygård Ødegård Sæther Bråten Bø Bækkelund Ås Åsen Frøya \
      Sørlie Gjødsel Høyer Høgh Bøgh Lærum Hæstad Kværner Fjærem Ærø Rødovre Næstved Sønderborg Hørsholm Køge Nørresundby \
      Ålborg Århus Ålesund Tromsø Bodø Drøbak Lillestrøm Sarpsborg-Ø Østfold Tønsberg Molde-Røros Røros Hønefoss Sjælland \
      Færøerne Danmark-København København øje øjet øye brille nærsynet høyre højre når på så også først får år måned \
      læge lærer spørgsmål undersøgelse behøver både måtte gå stå små mødre prøve kræver næste sæt træt hæve
      """
    ),
    (
      "Finnish",
      """
      Päivi Pekka-Hämäläinen Hämäläinen Mäkinen Mäkelä Jääskeläinen Räsänen Väisänen Kärkkäinen Lähteenmäki Näsänen Törmä \
      Pöyhönen Tähtinen Hyvönen Hänninen Jäntti Ylönen Äijälä Öhman Väinö Yrjö Eero-Sällä Järvi Järvinen Järvenpää Jyväskylä \
      Hämeenlinna Hyvinkää Lappeenranta-Sää Ylöjärvi Riihimäki Seinäjoki Kajaani-Äänekoski Äänekoski Mänttä Nokia-Pää silmä \
      silmälasit näkö näöntarkkuus lääkäri päivä tänään hyvä ikä mikä tämä älä yö työ löytyy käynti määrä kesä häntä
      """
    ),
    (
      "Estonian",
      """
      Tõnu Jüri Õnne Külli Ülle Märt Jõgi Mägi Põld Kõiv Rõõm Sõber Tõnisson Võru Põlva Pärnu Jõhvi Jõgeva Õismäe tänav \
      õde võib võimalik küsimus täna üks kõik prillid nägemine üle öö või õige müüa Põltsamaa Mõisaküla Kärdla Türi Räpina Jäärats Väli Käär Sööt Rüütel Pärn Kütt Mölder Lõhmus Vähi Šmidt Tšaikovski Žukov Ušakov Šults Aleksejevš garaaž žurnaal šokolaad põhja lõuna lääne pähkel tööd käsi jõudis äkki
      """
    ),
    (
      "Icelandic",
      """
      Guðrún Sigríður Þór Þóra Þorsteinn Björk Ásta Ásdís Ólafur Óskar Örn Ægir Íris Úlfar Sævar Guðmundur Guðmundsdóttir \
      Jónsdóttir Sigurðsson Sigurðardóttir Þorvaldsson Ólafsdóttir Árnason Björnsdóttir Gíslason Hjálmarsson Reykjavík \
      Kópavogur Hafnarfjörður Akureyri-Eyjafjörður Ísafjörður Selfoss-Ölfus Húsavík Egilsstaðir það þetta maður við með \
      ekki-þó lækni auga-gleraugu sjón næsta ári dóttir
      """
    ),
    (
      "English",
      """
      café fiancé née résumé naïve Zoë Chloë Renée André José Brontë Beyoncé Noël O’Brien O’Neill O’Connor O’Hara D’Angelo \
      D’Souza patient’s doesn’t can’t won’t it’s didn’t Siobhán Seán Ciarán Róisín Niamh-Ó Máire Pádraig Éamonn Sinéad \
      Gráinne Tomás Ó Máirtín Áine
      """
    ),
  ]
}
