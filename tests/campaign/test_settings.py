from distillgate.campaign.settings import CampaignSettings


def test_templates_take_room_for_the_accounts_there_is_room_for() -> None:
    settings = CampaignSettings()

    assert settings.templates_of(500).max_templates == 8_000
    assert settings.templates_of(200_000) == settings.templates
