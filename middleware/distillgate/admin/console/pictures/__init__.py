"""Pictures as SVG, drawn from what a document holds; colours come from the page's style sheet.

Every one is a function of plain values, with no clock and no chance, so that console and report
draw the same. What a picture shows, a sentence in it says too, for those who do not see it.
"""
