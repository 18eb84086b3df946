"""The page of rights says what the guideline's people may do, and no more."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from participation.core.actors import Actor, Grant, Role, system_actor
from participation.policy import Permission, holds, reachable_departments, reaches
from participation.policy.permission_map import PERMISSION_MAP, Scope

grants = st.builds(
    lambda role, ids: Grant(role, min(ids, default=None), frozenset(ids)),
    st.sampled_from(Role),
    st.frozensets(st.integers(1, 5), min_size=1, max_size=3),
)
actors = st.builds(lambda given: Actor(1, "職員", tuple(given)), st.lists(grants, max_size=3))


def test_every_role_has_its_line():
    assert set(PERMISSION_MAP) == set(Role)


def test_an_auditor_reads_everything_and_changes_nothing():
    held = PERMISSION_MAP[Role.AUDITOR]
    assert {p for p in Permission if p.only_reads} <= set(held)
    of_their_own = {Permission.OWN_ACCOUNT, Permission.SUBMISSION_EXPORT}
    assert {p for p in held if not p.only_reads} == of_their_own


def test_who_reads_opinions_may_have_them_in_a_file():
    for held in PERMISSION_MAP.values():
        assert held.get(Permission.SUBMISSION_EXPORT) == held.get(Permission.SUBMISSION_READ)


def test_nobody_writes_and_confirms_for_the_city():
    # Two people stand behind every entry: no role may both write and confirm (author ≠ approver).
    for role in Role:
        held = set(PERMISSION_MAP[role])
        assert not {Permission.ENTRY_WRITE, Permission.ENTRY_CONFIRM} <= held


@given(actors, st.sampled_from(Permission), st.integers(1, 5))
def test_rights_come_from_grants_alone(actor: Actor, permission: Permission, department: int):
    expected = any(
        PERMISSION_MAP[g.role].get(permission) is Scope.CITY
        or (PERMISSION_MAP[g.role].get(permission) is Scope.OWN and department in g.department_ids)
        for g in actor.grants
    )
    assert reaches(actor, permission, department) == expected
    assert holds(actor, permission) or not expected
    reachable = reachable_departments(actor, permission)
    assert (reachable is None or department in reachable) == expected


def test_a_person_without_appointments_may_do_nothing():
    nobody = Actor(1, "職員")
    assert not any(
        holds(nobody, p) or reaches(nobody, p, d) for p, d in product(Permission, range(3))
    )


def test_the_system_may_do_everything():
    assert all(holds(system_actor("worker"), p) for p in Permission)
