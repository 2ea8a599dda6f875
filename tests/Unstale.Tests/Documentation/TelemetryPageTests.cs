using System.Text.RegularExpressions;
using Unstale.Tests.Support;
using Xunit;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Unstale.Tests.Documentation;

/// <summary>The page about telemetry and the rules for alerts name exactly the instruments, activities and log lines of the product.</summary>
public sealed partial class TelemetryPageTests
{
    private static readonly string Page = Read("telemetry.md");
    private static readonly string Operations = Read("operations.md");
    private static readonly HashSet<string> Metrics = [.. ProductInstrument.All.SelectMany(static one => one.PrometheusNames)];
    private static readonly HashSet<string> Labels = [.. ProductInstrument.Attributes.Select(static name => name.Replace('.', '_'))];

    [Theory]
    [InlineData("unstale.cache.requests", "unstale_cache_requests_total")]
    [InlineData("unstale.rules.executions", "unstale_rules_executions_total")]
    [InlineData("unstale.sink.delivered", "unstale_sink_delivered_total")]
    [InlineData("unstale.cache.size", "unstale_cache_size_bytes")]
    [InlineData("unstale.log.trusted", "unstale_log_trusted")]
    [InlineData("unstale.log.unconfirmed", "unstale_log_unconfirmed_seconds")]
    [InlineData("unstale.events.queued", "unstale_events_queued")]
    [InlineData("unstale.events.cleared", "unstale_events_cleared_bucket unstale_events_cleared_sum unstale_events_cleared_count")]
    [InlineData("unstale.load.duration", "unstale_load_duration_seconds_bucket unstale_load_duration_seconds_sum unstale_load_duration_seconds_count")]
    public void An_instrument_has_its_kind_and_unit_in_its_Prometheus_name(string name, string expected) =>
        Assert.Equal(expected, string.Join(' ', Assert.Single(ProductInstrument.All, one => one.Name == name).PrometheusNames));

    [Fact]
    public void Every_instrument_and_activity_is_on_the_page_and_no_other()
    {
        string[] activities = ["unstale.load", "unstale.invalidate"];
        Assert.Equal(
            ProductInstrument.All.Select(static one => one.Name).Concat(activities).Order(StringComparer.Ordinal),
            Name().Matches(Page).Select(static m => m.Groups["name"].Value).Distinct(StringComparer.Ordinal).Except(ProductInstrument.Attributes, StringComparer.Ordinal).Order(StringComparer.Ordinal));
        var source = File.ReadAllText(Path.Combine(Repository.Root, "src", "Unstale", "Telemetry", "Activities.cs"));
        Assert.Equal(activities, Activity().Matches(source).Select(static m => m.Groups["name"].Value));
    }

    [Fact]
    public void Every_log_line_is_on_the_page_and_no_other() => Assert.Equal(
        Row().Matches(Operations).Select(static m => m.Groups["line"].Value).Order(StringComparer.Ordinal),
        Line().Matches(Page).Select(static m => m.Groups["line"].Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Fact]
    public void Each_question_has_an_expression_a_table_and_log_lines()
    {
        var questions = Question().Split(Page)[1..];
        Assert.True(questions.Length > 8, $"Only {questions.Length} questions.");
        Assert.All(questions, static question =>
        {
            Assert.Contains("?\n", question, StringComparison.Ordinal);
            Assert.Contains("```promql\n", question, StringComparison.Ordinal);
            Assert.Contains("| instrument | answer |", question, StringComparison.Ordinal);
            Assert.Matches(Line(), question);
        });
    }

    [Fact]
    public void Each_name_in_an_expression_of_the_page_is_a_metric_or_a_label()
    {
        var expressions = Expression().Matches(Page).Select(static m => m.Groups["text"].Value).ToList();
        Assert.True(expressions.Count > 20, $"Only {expressions.Count} expressions.");
        Assert.All(expressions, AssertNames);
    }

    [Fact]
    public void The_alerts_are_rules_of_Prometheus_whose_metrics_exist()
    {
        var rules = Rules();

        Assert.Equal(rules.Count, rules.Select(static rule => rule.Alert).Distinct(StringComparer.Ordinal).Count());
        Assert.All(rules, static rule =>
        {
            Assert.Matches("^Unstale[A-Za-z]+$", rule.Alert);
            AssertNames(rule.Expr);
            Assert.Matches("^([0-9]+m)?$", rule.For);
            Assert.Contains(rule.Labels["severity"], new[] { "critical", "warning" });
            Assert.Equal(["description", "summary"], rule.Annotations.Keys.Order(StringComparer.Ordinal));
            Assert.All(Label().Matches(rule.Annotations["summary"]), label => Assert.Contains(label.Groups["name"].Value, rule.Expr, StringComparison.Ordinal));
        });
    }

    [Theory]
    [InlineData("UnstaleChannelSlow", "unstale_channel_age_seconds_bucket", "> 0.01")]
    [InlineData("UnstaleChannelCallbackSlow", "unstale_channel_callback_duration_seconds_bucket", "> 0.01")]
    [InlineData("UnstaleChannelErrors", "unstale_channel_errors_total", "> 0.01")]
    [InlineData("UnstaleMissRatioHigh", "unstale_cache_requests_total{unstale_outcome=\"miss\"}", "> 0.5")]
    public void The_alerts_have_these_limits(string alert, string metric, string limit)
    {
        var rule = Assert.Single(Rules(), rule => rule.Alert == alert);

        Assert.Contains(metric, rule.Expr, StringComparison.Ordinal);
        Assert.EndsWith(limit, rule.Expr.Trim(), StringComparison.Ordinal);
    }

    private static void AssertNames(string expression)
    {
        Assert.Equal(expression.Count(static c => c == '('), expression.Count(static c => c == ')'));
        var names = Identifier().Matches(expression).Select(static m => m.Value).ToList();
        Assert.Contains(names, Metrics.Contains);
        Assert.All(names, name => Assert.True(Metrics.Contains(name) || Labels.Contains(name), $"'{name}' is neither a metric nor a label: {expression}"));
    }

    /// <summary>Reads the rules. A property that the format does not have, and a repeated one, is an error.</summary>
    private static List<AlertRule> Rules() =>
    [
        .. new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).WithDuplicateKeyChecking().Build()
            .Deserialize<AlertFile>(Read("alerts.yml")).Groups.SelectMany(static group => group.Rules),
    ];

    private static string Read(string file) => File.ReadAllText(Path.Combine(Repository.Root, "docs", file));

    [GeneratedRegex("`(?<name>unstale\\.[a-z.]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();

    [GeneratedRegex("\"(?<name>unstale\\.[a-z.]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Activity();

    [GeneratedRegex(@"^\| (?<line>\d+ \w+) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();

    [GeneratedRegex("`(?<line>[0-9]+ [A-Z][A-Za-z]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Line();

    [GeneratedRegex("^## ", RegexOptions.Multiline, 1000)]
    private static partial Regex Question();

    [GeneratedRegex("```promql\n(?<text>.*?)\n```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Expression();

    [GeneratedRegex("unstale_[a-z_]+", RegexOptions.None, 1000)]
    private static partial Regex Identifier();

    [GeneratedRegex(@"\$labels\.(?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();

    internal sealed class AlertFile
    {
        public List<AlertGroup> Groups { get; set; } = [];
    }

    internal sealed class AlertGroup
    {
        public string Name { get; set; } = "";

        public List<AlertRule> Rules { get; set; } = [];
    }

    internal sealed class AlertRule
    {
        public string Alert { get; set; } = "";

        public string Expr { get; set; } = "";

        public string For { get; set; } = "";

        public Dictionary<string, string> Labels { get; set; } = [];

        public Dictionary<string, string> Annotations { get; set; } = [];
    }
}
