"""Which internet names belong together. Pure, and deliberately narrow: without a list of every registry in the world, names that
might belong to two owners are taken to do so."""

from vetting.intake.parsing.vocabulary import words

# Registries that give out names one level down. `sch.uk` gives them out two levels down: hilltop.kent.sch.uk.
_SECOND_LEVEL = words("co.uk org.uk ac.uk gov.uk me.uk ltd.uk plc.uk net.uk nhs.uk police.uk com.au co.nz co.za")
_THIRD_LEVEL = words("sch.uk")
_REGISTRY_WORDS = words("asso gouv govt school info name police mill blog store shop arts firm coop mobi club tokyo github gitlab")
# Whoever rents a computer here gets a name below these: such a neighbour is nobody's own server.
_LANDLORDS = words(
    """
    amazonaws.com amazonses.com googleusercontent.com azure.com cloudapp.net ovh.net ovh.com ovh.ca secureserver.net your-server.de
    hetzner.com linode.com linodeusercontent.com digitalocean.com vultr.com vultrusercontent.com contabo.net contaboserver.net
    ionos.com kundenserver.de 1and1.com onlinehome-server.com gandi.net scaleway.com btcentralplus.com btinternet.com virginm.net
    hostgator.com bluehost.com dreamhost.com websitewelcome.com
    """
)


def tidy(domain: str) -> str:
    """Lower case, without the dot that may end a name."""
    return domain.strip().lower().rstrip(".")


def within(host: str, domain: str) -> bool:
    """Whether `host` is `domain` or a name below it."""
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def aligned(one: str, other: str) -> bool:
    """Whether a check of one name vouches for the other (RFC 7489, section 3.1, relaxed): they are equal, or one stands below the other.

    Two names side by side below a common one are not enough here: they have one owner below example.org and two below com.br.
    """
    one, other = tidy(one), tidy(other)
    shorter = min(one, other, key=len)
    return one == other != "" or ((within(one, other) or within(other, one)) and not _given_out_below(shorter))


def household(server: str) -> tuple[str, ...]:
    """The names whose hosts are the same service as this mail server: its own, and its neighbours' where those can have one owner only."""
    server = tidy(server)
    parent = server.partition(".")[2]
    if not parent or _given_out_below(parent) or any(within(parent, landlord) for landlord in _LANDLORDS):
        return (server,)
    return (server, parent)


def _given_out_below(domain: str) -> bool:
    """Whether names directly below this one belong, or may belong, to different owners."""
    labels = domain.split(".")
    if len(labels) < 2 or domain in _SECOND_LEVEL or domain in _THIRD_LEVEL:
        return True
    if len(labels) == 3:
        return domain.partition(".")[2] in _THIRD_LEVEL
    if len(labels) > 3 or len(labels[0]) > 3:
        return len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _REGISTRY_WORDS
    # com.br, k12.us, uk.com: short names in second place are too often a registry's.
    return True
