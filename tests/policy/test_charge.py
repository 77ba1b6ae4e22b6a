from distillgate.account.bucket import Bucket
from distillgate.fingerprint.observation import Party
from distillgate.policy.charge import FLOOR, POOL, Charge, Debit
from distillgate.records import decoder, encode


def test_a_charge_comes_back_from_its_bytes_as_it_was() -> None:
    day = Bucket(100.0, 86_400.0, quota=True)
    debits = tuple(Debit(name, day, 3.0) for name in ("tokens", FLOOR, POOL))
    made = Charge(1.0, Party("a", 1, None, 0.0), None, debits, pools=("g-1",), sighting=7)

    assert decoder(Charge)(encode(made)) == made
