"""The one place that lists the features."""

from participation.web.feature import Feature


def features() -> tuple[Feature, ...]:
    """Return all features in the order in which their pages are registered."""
    from participation.accounts.feature import feature as accounts
    from participation.administration.feature import feature as administration
    from participation.campaigns.feature import feature as campaigns
    from participation.city.feature import feature as city
    from participation.departments.feature import feature as departments
    from participation.portal.feature import feature as portal
    from participation.reports.feature import feature as reports
    from participation.submissions.feature import feature as submissions
    from participation.workshops.feature import feature as workshops

    return (
        portal,
        accounts,
        departments,
        city,
        submissions,
        campaigns,
        workshops,
        reports,
        administration,
    )
