"""What people write about: twenty fields of ordinary life, as words to put into sentences."""

from typing import NamedTuple


class Field(NamedTuple):
    """The words of one field: things, what one does to them, and how they are."""

    nouns: tuple[str, ...]
    verbs: tuple[str, ...]
    adjectives: tuple[str, ...]


_FIELDS = """
tomato trellis compost seedling hedge greenhouse mulch pruner orchard beehive slug rhubarb
| prune water transplant graft weed harvest | wilted shady loamy overgrown frosty
invoice ledger deduction receipt payroll depreciation auditor subsidiary mileage refund quarter levy
| file deduct reconcile declare postpone amortise | overdue taxable quarterly foreign provisional
sourdough brisket saffron skillet marinade custard dumpling broth shallot pastry cardamom risotto
| knead simmer braise proof season whisk | crusty underdone smoky velvety salted
nebula telescope comet eyepiece tripod equinox asteroid aperture meridian galaxy satellite twilight
| align photograph track collimate observe stack | faint equatorial waning spectral overexposed
toddler nursery bedtime tantrum vaccine stroller lunchbox homework cousin playdate allergy crayon
| comfort wean praise bathe supervise distract | sleepy stubborn teething anxious curious
carburettor gearbox clutch gasket headlamp alternator exhaust bumper tyre dashboard coolant spanner
| rebuild bleed torque replace lubricate diagnose | rusty seized misfiring secondhand noisy
sonata violin metronome chord cadence tuning clarinet rehearsal octave bassline refrain lyric
| transpose rehearse improvise harmonise record arrange | muted minor syncopated baroque shrill
marathon hamstring treadmill protein stretch kettlebell tempo ankle posture interval warmup physio
| sprint strengthen rehab pace recover lift | sore aerobic weekly unilateral strained
mortgage landlord deposit tenancy plaster boiler gutter scaffold surveyor balcony damp insulation
| renovate lease inspect repaint evict renegotiate | leaky communal Victorian draughty vacant
kitten vet leash kennel aquarium parrot flea collar hamster litter paddock saddle
| groom vaccinate housetrain feed adopt neuter | elderly aggressive shorthaired limping timid
glacier monsoon estuary latitude plateau peninsula delta volcano savanna tectonic fjord watershed
| erode map survey irrigate conserve sample | arid coastal alpine dormant sedimentary
treaty emperor parchment siege dynasty colony parliament rebellion manuscript cathedral plague guild
| besiege translate govern archive annex excavate | medieval disputed feudal colonial imperial
eigenvalue lemma integral polynomial manifold conjecture matrix theorem gradient homology axiom set
| prove differentiate bound converge factor approximate | convex finite orthogonal compact abelian
enzyme ribosome pathogen plasmid membrane genome antibody mitosis culture receptor protein assay
| sequence culture inhibit stain incubate titrate | recessive soluble viral mutant sterile
passport hostel itinerary layover museum ferry visa backpack souvenir tram customs campsite
| book reroute pack explore cancel haggle | scenic delayed nonrefundable remote crowded
contract clause plaintiff tort affidavit statute liability counsel injunction warranty breach court
| litigate indemnify draft appeal settle disclose | binding void implied punitive exclusive
goalkeeper penalty midfield referee transfer offside derby playoff coach stadium league substitute
| tackle defend sign relegate train bench | injured unbeaten veteran tactical home
wardrobe hem linen zipper corduroy embroidery blazer dye loom button collarbone selvedge
| sew tailor iron crochet unpick dye | vintage oversized woollen pleated frayed
podcast thumbnail newsletter sponsor follower caption storyboard vlog montage microphone banner reel
| edit schedule monetise caption pitch crop | viral blurry vertical catchy sponsored
warehouse pallet forklift courier barcode backlog freight conveyor manifest depot stocktake carton
| dispatch restock reroute label unload consolidate | damaged bonded oversized perishable urgent
"""


def _read(text: str) -> tuple[Field, ...]:
    lines = text.strip().splitlines()
    fields = []
    for nouns, rest in zip(lines[::2], lines[1::2], strict=True):
        _, verbs, adjectives = rest.split("|")
        fields.append(Field(tuple(nouns.split()), tuple(verbs.split()), tuple(adjectives.split())))
    return tuple(fields)


FIELDS = _read(_FIELDS)
