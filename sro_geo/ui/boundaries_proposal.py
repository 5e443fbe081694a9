def proposal_panel(snapshot, plan):
    pass
