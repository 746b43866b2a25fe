"""Names from which fictional families are drawn: common in France, regional, and of foreign origin.

Every list was written for this purpose, and a first name meets a family name by chance: nobody is meant. Family names are in
capitals, as school files write them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """Names that go together. `share` is out of 100 households."""

    share: float
    family_names: tuple[str, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]


def _listed(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.replace("\n", " ").split(","))


_FRENCH = Origin(
    62,
    _listed(
        """MARTIN, BERNARD, THOMAS, PETIT, ROBERT, RICHARD, DURAND, DUBOIS, MOREAU, LAURENT, SIMON, MICHEL, LEFÈVRE,
        LEROY, ROUX, DAVID, BERTRAND, MOREL, FOURNIER, GIRARD, BONNET, DUPONT, LAMBERT, FONTAINE, ROUSSEAU,
        VINCENT, MULLOT, FAURE, ANDRÉ, MERCIER, BLANC, GUÉRIN, BOYER, GARNIER, CHEVALIER, FRANÇOIS, LEGRAND,
        GAUTHIER, PERRIN, ROBIN, CLÉMENT, MORIN, NICOLAS, HENRY, ROUSSEL, MATHIEU, GAUTIER, MASSON, MARCHAND,
        DUVAL, DENIS, DUMONT, MARIE, LEMAIRE, NOËL, MEYNIER, DUFOUR, MEUNIER, BRUN, BLANCHARD, GIRAUD, JOLY,
        RIVIÈRE, LUCAS, BRUNET, GAILLARD, BARBIER, ARNAUD, MARTINEAU, GÉRARD, ROCHE, RENARD, SCHMITTER, ROY,
        LEROUX, COLIN, VIDAL, CARON, PICARD, ROGER, FABRE, AUBERT, LEMOINE, RENAUD, DUMAS, LACROIX, OLIVIER,
        PHILIPPE, BOURGEOIS, PIERRE, BENOÎT, REY, LECLERC, PAYET, ROLLAND, LECLERCQ, GUILLAUME, LECOMTE, LOPPIN,
        JEANNE, DUPUY, GUILLOT, HUBERT, BERGER, CARPENTIER, SANCHEY, DUPUIS, MOULIN, LOUIS, DESCHAMPS, HUET,
        VASSEUR, PEREY, BOUCHER, FLEURY, ROYER, KLEINET, JACQUET, ADAM, PARISOT, POIRIER, MARTY, AUBRY, GUYOT,
        CARRÉ, CHARLES, RENAULT, CHARPENTIER, MÉNARD, MAILLARD, BARON, BERTIN, BAILLY, HERVÉ, SCHNEIDERLIN,
        FERNAY, LEGALL, COLLET, LÉGER, BOUVIER, JULIEN, PRÉVOST, MILLET, PERROT, DANIELOU, COUSIN, GERMAIN,
        BRETON, BESSON, LANGLOIS, RÉMY, LEBRUN, PELLETIER, LÉVÊQUE, PERRIER, LEBLANC, BARRÉ, LEBON, MARCHAL,
        WEBERT, MALLET, HAMON, BOULANGER, JACOB, MONNIER, MICHAUD, CHÂTEAU, LENOIR, LECŒUR, CHÊNE, SŒURET,
        DELAUNAY, VALLÉE, GROSJEAN, BEAULIEU, BELLECOUR, CHAMPEAU, DESLANDES, FORESTIER, GRANDCLÉMENT, HAUTEVILLE"""
    ),
    _listed(
        """Adèle, Agathe, Agnès, Alice, Amandine, Amélie, Anaïs, Andréa, Anne, Aurélie, Aurore, Béatrice, Bérénice,
        Camille, Capucine, Caroline, Catherine, Cécile, Céline, Charlotte, Chloé, Christelle, Claire, Clara,
        Clémence, Coline, Constance, Corinne, Delphine, Diane, Élise, Élodie, Éloïse, Emma, Émilie, Estelle,
        Eugénie, Ève, Fanny, Florence, Gaëlle, Geneviève, Hélène, Héloïse, Inès, Isabelle, Jade, Jeanne,
        Joséphine, Julie, Juliette, Justine, Karine, Laëtitia, Laure, Léa, Léna, Léonie, Lise, Louise, Lucie,
        Madeleine, Maëlle, Manon, Margaux, Margot, Marie, Marine, Marion, Marlène, Mathilde, Mélanie, Mélissa,
        Noémie, Océane, Pauline, Perrine, Rachel, Romane, Rose, Sabine, Salomé, Sandrine, Sarah, Solène, Sophie,
        Stéphanie, Suzanne, Sylvie, Thaïs, Valentine, Valérie, Victoire, Virginie, Zoé, Maëva, Anne-Sophie,
        Marie-Hélène, Marie-Laure, Lou-Anne, Anne-Cécile, Marie-Christine"""
    ),
    _listed(
        """Adrien, Alain, Alexandre, Alexis, Ambroise, Antoine, Anthonin, Arnaud, Arthur, Augustin, Aurélien,
        Baptiste, Bastien, Benjamin, Benoît, Bruno, Cédric, Charles, Christophe, Clément, Corentin, Cyril, Damien,
        Denis, Didier, Édouard, Éric, Étienne, Fabien, Fabrice, Florian, Franck, François, Frédéric, Gabriel,
        Gaël, Gaspard, Gauthier, Grégoire, Guillaume, Guy, Hector, Henri, Hugo, Jacques, Jérémie, Jérôme, Joël,
        Jules, Julien, Laurent, Léo, Léon, Loïc, Louis, Lucas, Ludovic, Marc, Martin, Mathéo, Mathieu, Maxence,
        Maxime, Mickaël, Nathan, Nicolas, Noé, Noël, Octave, Olivier, Pascal, Patrice, Paul, Philippe, Pierre,
        Quentin, Raphaël, Raoul, Régis, Rémi, Robin, Romain, Samuel, Sébastien, Simon, Stéphane, Sylvain, Théo,
        Théophile, Thibault, Thierry, Thomas, Timéo, Tom, Tristan, Ulysse, Valentin, Victor, Vincent, Xavier,
        Yves, Jean-Baptiste, Jean-François, Pierre-Yves, Charles-Édouard"""
    ),
)
_REGIONAL = Origin(
    12,
    _listed(
        """LE GOFF, LE BIHAN, KERVELLA, L'HELGOUALC'H, TANGUY, GUÉGUEN, PENNEC, QUÉMÉNER, LE CORRE, KERZAËL, MULLER,
        MÜLLER, SCHNEIDER, KOENIG, HAEGELIN, STEINMETZ, ETCHEVERRY, IRIGOYEN, HARISPE, SALLABERRY, ECHEPARE,
        CASANOVA, PAOLETTI, SANTONI, MATTEÏ, VERMEERSCH, DEBAECKER, VANDEWALLE, DECROO, HOARAU, GRONDIN,
        FONTAINEBRUNE, CÉSAIRETTE, LOUISY, PLAUTIN, TEHEIURA, MANUTAHI, WAMYTAN, POITEVIN, PUIGSERRA, CATALÀ,
        BARTHÉLÉMY, CHAUVET, ROUMIEUX, ESCOFFIER, PEYRELONGUE"""
    ),
    _listed(
        """Nolwenn, Enora, Maïwenn, Gwenaëlle, Rozenn, Katell, Soazig, Lena, Liesel, Odile, Mathilda, Maïté, Amaïa,
        Nahia, Ainhoa, Lætitia, Ghjulia, Letizia, Godelieve, Anaé, Heimata, Moeata, Teriitua, Mireille, Magali,
        Estève, Oriane, Maguelone, Zoë"""
    ),
    _listed(
        """Yann, Erwan, Gwénolé, Malo, Ronan, Tugdual, Loeiz, Ewen, Hans, Gilles, Matthias, Peïo, Xabi, Beñat, Iban,
        Lisandru, Ange, Ghjuvan, Wim, Joris, Teva, Manoa, Tamatoa, Frédéri, Aubin, Guilhem, Jordi, Mistral"""
    ),
)
_MAGHREB = Origin(
    9,
    _listed(
        """BENALI, EL AMRANI, BENNANI, HADDAD, BELKACEM, MANSOURI, CHERIF, TAZI, ZEROUALI, BOUAZIZ, KHELIFI,
        TRABELSI, GHARBI, MEZIANE, OULD BRAHIM, AÏT TALEB, BEN YOUSSEF, SAÏDI, HAMDAOUI, LAHLOU, BOUCHAREB,
        RAHMANI, DJEBBAR, YACOUBI"""
    ),
    _listed(
        """Khadija, Yasmina, Nadia, Leïla, Samira, Sara, Inès, Aïcha, Meriem, Naïma, Soraya, Lina, Nour, Assia,
        Houda, Rania, Zineb, Malika, Farah, Fatima-Zahra"""
    ),
    _listed(
        """Karim, Mohammed, Youssef, Ahmed, Nabil, Rachid, Ilyès, Amine, Mehdi, Sofiane, Bilal, Hicham, Walid, Farid,
        Tarek, Yassine, Omar, Naïm, Adel, Abdel-Karim"""
    ),
)
_AFRICA = Origin(
    5,
    _listed(
        """DIALLO, TRAORÉ, KONATÉ, SISSOKO, N'DIAYE, N'GUESSAN, KOUASSI, OUATTARA, MBEMBA, TCHOUMI, SARRAMA, FOFANA,
        CAMARA, BÂ, KEÏTA, MAKOSSO, RAKOTONIRINA, RANDRIAMAMPIANINA, ANDRIANJAFY, ABOUBACAR"""
    ),
    _listed(
        "Fatou, Aminata, Awa, Mariam, Aïssatou, Kadiatou, Adjoa, Grâce, Prisca, Voahirana, Hanta, Bintou, Rokhaya, Divine"
    ),
    _listed(
        "Ousmane, Mamadou, Ibrahima, Moussa, Cheikh, Kofi, Koffi, Dieudonné, Lamine, Seydou, Tojo, Hery, Modibo, Prince"
    ),
)
_IBERIA = Origin(
    5,
    _listed(
        """DOS SANTOS FERREIRA, DA SILVA, RODRIGUES PINTO, GONÇALVES, MAGALHÃES, SIMÕES, PEREIRA DA COSTA, ALMEIDA,
        GARCÍA, NÚÑEZ, PEÑA, IBÁÑEZ, MUÑOZ, DE LA FUENTE, VALVERDE, SOUSA E MELO, TEIXEIRA, ESPAÑOL"""
    ),
    _listed(
        "Inês, Conceição, Lúcia, Fátima, Beatriz, Mafalda, Begoña, Pilar, Carmen, Marisol, Teresa, Graça, Filipa, Nuria"
    ),
    _listed(
        """João, Miguel, Tiago, Gonçalo, José, Íñigo, Pablo, Andrés, Rúben, Nuno, Álvaro, Paulo, Sérgio, Joaquim"""
    ),
)
_EAST = Origin(
    4,
    _listed(
        """WIŚNIEWSKI, KOWALCZYK, ŁUKASIK, SZYMAŃSKI, DĄBROWA, NOVÁK, DVOŘÁČEK, PETROVIĆ, ĐORĐEVIĆ, HORVATH,
        ȘTEFĂNESCU, POPESCU, IVANOVA, KRZYŻANOWSKI, ŽIVKOVIĆ, TÓTHNÉ"""
    ),
    _listed(
        "Zofia, Małgorzata, Agnieszka, Ludmila, Jitka, Milena, Đurđa, Ileana, Ștefania, Oksana, Żaneta, Elżbieta, Zsófia, Ivana"
    ),
    _listed(
        "Piotr, Łukasz, Wojciech, Tomáš, Jiří, Dragan, Mihai, Ștefan, Andrij, Grzegorz, Stanisław, Bogdan, Miloš, László"
    ),
)
_TURKEY = Origin(
    1.5,
    _listed("ÇELİK, YILDIRIM, ŞAHİN, ÖZDEMİR, KARAGÖZ, DOĞANAY, AYDINLI, KILIÇSOY, GÜNEŞER, ERDOĞMUŞ"),
    _listed("Elif, Ayşe, Zeynep, Gülşen, Özlem, İpek, Şule, Hatice, Meryem, Ebru"),
    _listed("Mehmet, Emre, Çağlar, Ömer, İsmail, Burak, Oğuz, Yiğit, Hakan, Tayfun"),
)
_ASIA = Origin(
    1.5,
    _listed("NGUYỄN, TRẦN, PHẠM, LÊ, ĐẶNG, VÕ VĂN, CHEN, WANGLI, SOK, RATHASAMY, SIVAKUMAR, KHANTHAVONG"),
    _listed("Mai, Thị Mai, Linh, Hương, Ngọc, Phượng, Xiaomei, Sreyleak, Priyanka, Kalaivani"),
    _listed("Minh, Đức, Tuấn, Văn Hùng, Quốc Bảo, Wei, Sokha, Arun, Senthil, Bounmy"),
)

ORIGINS = (_FRENCH, _REGIONAL, _MAGHREB, _AFRICA, _IBERIA, _EAST, _TURKEY, _ASIA)
"""Where names come from; the shares are a choice, not a statistic."""

FRENCH = _FRENCH

PARTICLES = ("DE ", "D'", "DU ", "DE LA ", "DES ")
PARTICLE_NAMES = _listed("HÉROUVILLE, ORVAL, AUBIGNAC, ESTAMPES, ARGENCY, IVRY-BEAUPRÉ, ALBRESSAC, ENTRAYGUEUX")
"""Names that begin with a vowel or an H, after D'."""
PLACE_NAMES = _listed(
    "ROCHEBRUNE, VILLEMARE, MONTFERRAND-LE-BAS, FONTBELLE, TOUR-VIEILLE, CHESNAIE, PRÉVILLE, BASTIDE-NEUVE"
)
"""Names after the other particles."""

TOWN_STARTS = _listed(
    """Val, Mont, Pont, Bourg, Château, Fontaine, Port, Roche, Ville, Bois, Champ, Clos, Mas, Puy, Saint-Préau,
        Sainte-Ardoise, Haute-Craie, Basse-Craie, Grande-Cour, Petite-Cour, Vieux-Cartable, Neuf-Cartable, Plume,
        Encrier, Marelle, Billes, Récré, Cantine, Gommeville, Règle"""
)
TOWN_ENDS = _listed(
    """les-Marronniers, sur-Buvard, le-Tableau, la-Sonnette, en-Pupitre, lès-Encriers, aux-Billes, sous-Équerre,
        la-Dictée, le-Compas, sur-Tilleul, les-Ardoises, au-Préau, la-Ronde, le-Trousseau, sur-Goûter,
        les-Cahiers, la-Trousse, en-Marelle, le-Papier"""
)
"""Towns that are nowhere: a start, a hyphen, an end."""

SCHOOL_NAMES = _listed(
    """des Ormes, du Tableau-Noir, de la Craie-Blanche, des Encriers, de la Marelle, du Vieux-Tilleul, des
        Pupitres, de la Plume, du Compas, des Billes, de l'Ardoise, de la Cloche, des Cerfs-Volants, du
        Grand-Buvard, des Platanes, de la Règle-Plate, des Trois-Cours, du Goûter"""
)
STREETS = _listed(
    """rue de la Craie, rue des Pupitres, allée des Encriers, place du Préau, chemin de la Marelle, impasse du
        Buvard, avenue des Cartables, rue du Tableau, boulevard de la Récréation, rue de l'Équerre, quai de la
        Dictée, rue du Vieux-Compas, square des Billes, rue de l'Été"""
)
