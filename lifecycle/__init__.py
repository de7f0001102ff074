"""Pure rules of the relationship: stages, scoring, health, loyalty, journeys, consent, surveys."""
