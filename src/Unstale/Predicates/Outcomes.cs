namespace Unstale.Predicates;

/// <summary>Results that a condition can have for a row, in the logic of SQL. A condition over a value that is unknown can have all of them.</summary>
[Flags]
internal enum Outcomes
{
    None = 0,
    True = 1,
    False = 2,
    Null = 4,
    Any = True | False | Null,
}
