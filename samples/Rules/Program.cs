using RulesSample;

await Topics.RunAsync(Console.Out);
