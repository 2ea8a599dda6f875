using System.Text.RegularExpressions;

namespace Unstale.Tests.Documentation;

/// <summary>Words to avoid in plain technical prose.</summary>
internal sealed partial record WordClass(string Name, Regex Words)
{
    public static readonly WordClass Speech = new("verbs of speech", SpeechWords());
    public static readonly WordClass Motion = new("verbs of motion", MotionWords());
    public static readonly WordClass FreeRelatives = new("free relatives", FreeRelativeWords());
    public static readonly WordClass Pronouns = new("pronouns", PronounWords());

    [GeneratedRegex(@"\b(says?|said|saying|told|tells?|telling|hears?|heard|hearing|asks?|asked|asking|knows?|known|knew|obeys?|speaks?|spoken|answers?|answered|learns?|learnt|learned)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SpeechWords();

    [GeneratedRegex(@"\b(goes|going|went|gone|comes?|came|coming|takes?|taken|took|stands?|stood|lies|lie|keeps?|kept)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MotionWords();

    [GeneratedRegex(@"\b(what|whoever|whatever|who)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FreeRelativeWords();

    [GeneratedRegex(@"\b(it|its|that|those|these|them|they)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PronounWords();
}
