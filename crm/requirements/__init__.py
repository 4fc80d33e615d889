"""Requirements that grow: what people need in their own words, what we make of it, our answers.

Needs are captured from what was said; requirements group them across accounts; answers are kept
once and used for many; a published tender's list is compared with what we have (F1–F8).
"""
