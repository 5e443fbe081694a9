def hand_panel(snapshot, plan):
    pass
