"""Incentive: scores, splits, payouts and reputation as integer rules (`spec/incentive.md`)."""
