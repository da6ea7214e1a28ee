"""Make dp_accounting.json with Google's accountant (run by hand, never by the tests).

    pip install dp-accounting==0.6.0
    python tests/data/make_dp_accounting.py > tests/data/dp_accounting.json

For each rho and delta: epsilon by its Rényi accountant for rho-zCDP; epsilon by the privacy loss distribution of a
Gaussian that is exactly rho-zCDP, so of what a member really gives away; and for integer sigma the same for one
discrete Gaussian. Ours must agree with the first and never lie below the other two.
"""

from __future__ import annotations

import json
from importlib.metadata import version

from dp_accounting import dp_event
from dp_accounting.pld import privacy_loss_distribution as loss
from dp_accounting.rdp import rdp_privacy_accountant as rdp

CASES = [(rho, delta) for rho in (0.0001, 0.001, 0.01, 0.1, 0.5, 1.0, 5.0, 20.0) for delta in (1e-5, 1e-6, 1e-9)]
DISCRETE = [(sensitivity, sigma, 1e-5) for sensitivity, sigma in ((1, 1), (1, 3), (2, 5), (5, 4))]


def by_renyi(rho: float, delta: float) -> float:
    accountant = rdp.RdpAccountant(orders=[1 + 10 ** (exponent / 200) for exponent in range(-400, 800)])
    accountant.compose(dp_event.ZCDpEvent(rho))
    return accountant.get_epsilon(delta)


def by_loss(rho: float, delta: float) -> float:
    return loss.from_gaussian_mechanism((1 / (2 * rho)) ** 0.5).get_epsilon_for_delta(delta)


def discrete(sensitivity: int, sigma: int, delta: float) -> float:
    return loss.from_discrete_gaussian_mechanism(sigma, sensitivity).get_epsilon_for_delta(delta)


print(
    json.dumps(
        {
            "source": f"dp-accounting {version('dp-accounting')}",
            "zcdp": [[rho, delta, by_renyi(rho, delta), by_loss(rho, delta)] for rho, delta in CASES],
            "discrete": [[*case, discrete(*case)] for case in DISCRETE],
        },
        indent=1,
    )
)
