namespace Unstale.Rules;

/// <summary>Six rules for common names. Each rule has its own relationships, so that a relationship propagates by the strategy of its rule.</summary>
internal static class DefaultRules
{
    public static IReadOnlyList<InvalidationRule> All { get; } =
    [
        RuleBuilder.When("user", "user_profile").Named("user_data_invalidation")
            .Invalidate("user_session", "user_preferences", "user_forms")
            .Relates("user", ["user_session", "user_preferences", "user_forms", "navigation"], depth: 2)
            .Priority(100)
            .Describe("Sessions, preferences and forms of a user").Build(),
        RuleBuilder.When("form", "form_data").Named("form_data_invalidation")
            .Invalidate("form_state", "form_snapshot")
            .Relates("form", "form_state", "form_snapshot", "widget_state")
            .Priority(50).Strategy(InvalidationStrategy.Batched)
            .Describe("Data shown for a form that a user fills in").Build(),
        RuleBuilder.When("session").Named("session_invalidation")
            .Invalidate("user_session", "navigation")
            .Priority(90)
            .Describe("Data of a session").Build(),
        RuleBuilder.When("product", "pricing", "calculation").Named("data_change_invalidation")
            .Invalidate("computed", "query")
            .Relates("product", ["pricing", "calculation", "computed", "query"], depth: 2)
            .Priority(70).Strategy(InvalidationStrategy.Cascade)
            .Describe("Values computed from products and prices").Build(),
        RuleBuilder.When("widget", "widget_state").Named("widget_state_invalidation")
            .Invalidate("form_state")
            .Priority(30).Strategy(InvalidationStrategy.Batched)
            .Describe("Form that contains the widget").Build(),
        RuleBuilder.When("job", "job_result").Named("job_result_invalidation")
            .Invalidate("computed")
            .Priority(60)
            .Describe("Values computed by jobs").Build(),
    ];
}
