"""Attribution: from web events, CRM facts, identity and ad costs to journeys, credits and ROI tables, exact to the cent."""
