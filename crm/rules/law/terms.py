"""The words of the procurement acts, by the names the program knows them."""

from enum import StrEnum


class Law(StrEnum):
    """The acts that the rows speak of, by the abbreviation that every buyer uses."""

    LOU = "LOU"  # lagen (2016:1145) om offentlig upphandling
    LUF = "LUF"  # lagen (2016:1146) om upphandling inom försörjningssektorerna
    LUFS = "LUFS"  # lagen (2011:1029) om upphandling på försvars- och säkerhetsområdet
    LUK = "LUK"  # lagen (2016:1147) om upphandling av koncessioner
    FL = "FL"  # förvaltningslagen (2017:900)

    @property
    def is_read(self) -> bool:
        """Whether the act was read for its times and its review, and not for its limits only.

        `procurement-law.md` holds LOU and LUF, which are numbered alike; of LUK only the value, the
        limits and 9 kap.; of LUFS only the limits (8). What was not read is told as not known.
        """
        return self in {Law.LOU, Law.LUF}

    def cited(self, paragraphs: str) -> str:
        """The paragraphs as LOU and LUF number them; of another act its name alone."""
        return f"{self} {paragraphs}" if self.is_read else self.value


class AuthorityKind(StrEnum):
    """Who buys, as the thresholds tell them apart (LOU 1 kap. 11 §)."""

    STATE = "state"  # a central upphandlande myndighet
    OTHER = "other"  # kommun, region, their companies and other offentligt styrda organ


class ObjectKind(StrEnum):
    """What is bought, as the money limits tell it apart.

    Software and IT services are GOODS_SERVICES: CPV 48 and 72 do not occur in bilaga 2. Training
    and legal advice do, and are SOCIAL_SPECIAL.
    """

    GOODS_SERVICES = "goods_services"
    WORKS = "works"
    SOCIAL_SPECIAL = "social_special_services"  # LOU bilaga 2
    WELFARE = "welfare_services_annex_2a"  # had a limit of its own from 2019 to January 2022
    CONCESSION = "concessions"


class Procedure(StrEnum):
    """The way a contract comes about, as the time limits tell it apart."""

    OPEN = "open"  # öppet förfarande, LOU 6 kap. 2 §
    SELECTIVE = "selective"  # selektivt förfarande, 6 kap. 3 §
    NEGOTIATED = "negotiated"  # förhandlat med föregående annonsering, 6 kap. 4 §
    NEGOTIATED_WITHOUT_NOTICE = "negotiated_without_notice"  # 6 kap. 12–19 §§
    DIALOGUE = "dialogue"  # konkurrenspräglad dialog, 6 kap. 20 §
    INNOVATION = "innovation"  # innovationspartnerskap, 6 kap. 30 §
    DIS = "dis"  # dynamiskt inköpssystem, 8 kap.
    FKU = "fku"  # avrop med förnyad konkurrensutsättning, 7 kap. 7–9 §§
    CALL_OFF = "call_off"  # avrop utan förnyad konkurrensutsättning, 7 kap. 4 och 6 §§
    NATIONAL = "national"  # annonserad upphandling enligt 19 kap.
    DIRECT_AWARD = "direct_award"  # direktupphandling, 19 a kap.
    CONCESSION = "concession"  # LUK 9 kap., in one step
    CONCESSION_STEPS = "concession_steps"  # the same stegvis, with an application first

    @property
    def is_two_stage(self) -> bool:
        """Whether suppliers apply first and the chosen ones are invited to tender."""
        return self in {
            Procedure.SELECTIVE,
            Procedure.NEGOTIATED,
            Procedure.DIALOGUE,
            Procedure.INNOVATION,
            Procedure.CONCESSION_STEPS,
        }


class Regime(StrEnum):
    """Which part of the act a value falls under."""

    DIRECT_AWARD = "direct_award"  # may be bought directly, 19 a kap.
    NATIONAL = "national"  # must be advertised, without fixed days: 19 kap.
    EU = "eu"  # at or above the threshold


class Channel(StrEnum):
    """How the award was notified to those who bid."""

    ELECTRONIC = "electronic"
    OTHER = "other"  # by post, to any of them


class Court(StrEnum):
    """Where a review (överprövning) is pending."""

    FORVALTNINGSRATT = "forvaltningsratt"
    KAMMARRATT = "kammarratt"
    HFD = "hfd"  # Högsta förvaltningsdomstolen
