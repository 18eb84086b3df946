"""パブリックコメント（意見公募）と縦覧: from the draft of a plan to the last answer."""
