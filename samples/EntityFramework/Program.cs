await CatalogueSample.Demo.RunAsync(Console.Out);
