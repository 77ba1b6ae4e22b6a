from distillgate.admin.proof import NONCE, proof


def test_a_proof_depends_on_key_and_nonce_and_holds_neither() -> None:
    proofs = {proof(key, nonce) for key in ("one", "two") for nonce in ("a" * 32, "b" * 32)}

    assert len(proofs) == 4
    assert all(len(one) == 64 for one in proofs)
    assert NONCE.fullmatch("0f" * 16)
    assert not NONCE.fullmatch("0F" * 16)
