"""The crm-bridge: takes in what CRMs say, keeps it raw, and turns it into facts about deals and contacts."""
