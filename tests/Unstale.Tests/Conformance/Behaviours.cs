namespace Unstale.Tests.Conformance;

/// <summary>All behaviours, in the order of the page about migration.</summary>
internal static class Behaviours
{
    public static (string Title, Behaviour[] Members)[] Groups { get; } =
    [
        ("Keys", KeyBehaviours.All),
        ("Tags", TagBehaviours.All),
        ("Values", ValueBehaviours.All),
        ("Serializers", SerializationBehaviours.All),
        ("Flags, sizes and contexts", OptionBehaviours.All),
        ("Lifetimes", ExpiryBehaviours.All),
        ("Loads", ConcurrencyBehaviours.All),
        ("Cancellation", CancellationBehaviours.All),
        ("Removals and writes", RemovalBehaviours.All),
        ("Registration", RegistrationBehaviours.All),
    ];

    public static IEnumerable<Behaviour> All => Groups.SelectMany(static group => group.Members);
}
